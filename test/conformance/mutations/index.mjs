// The protections that the conformance tests prove, each with what takes it out: the checks 1 to 55 of the README.
import browser from './browser.mjs';
import clients from './clients.mjs';
import code from './code.mjs';
import plain from './plain.mjs';
import redirects from './redirects.mjs';
import refresh from './refresh.mjs';
import tokens from './tokens.mjs';
import transport from './transport.mjs';

/**
 * One protection taken out.
 * @typedef {object} Mutation
 * @property {number} check which of the 55
 * @property {string} out what is taken out
 * @property {ReadonlyArray<readonly [file: string, find: string, replace: string]>} edits text that stands once in its file
 * @property {string} test the file of the test that must fail
 * @property {string} [name] a part of its name; default: the number of the check
 * @property {boolean} [build] the test runs the build in processes of its own
 */

/** @type {readonly Mutation[]} */
export const mutations = [...redirects, ...code, ...browser, ...tokens, ...refresh, ...plain, ...clients, ...transport];
