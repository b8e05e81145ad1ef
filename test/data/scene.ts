import type { TestDatabase } from '../support/database.ts';
import type { DemoFile } from '../support/house.ts';
import type { Registry } from '../support/registry.ts';
import { type Answer, askWithForm, basic } from '../support/tokens.ts';

/** What was handed out, or must never leave the server, by what it is. */
export type Secrets = Map<string, string | Buffer>;

export interface Scene {
  readonly issuer: string;
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly demo: DemoFile;
  readonly registry: Registry;
  readonly secrets: Secrets;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const redirectUri = 'https://app.example.com/callback';
/** A JWT is kept from the database as a whole, and its signature, without which the rest is worth nothing. */
export function keep({ secrets }: Scene, name: string, token: string): string {
  secrets.set(name, token);
  const signature = token.split('.')[2];
  if (signature !== undefined) secrets.set(`signature of ${name}`, signature);
  return token;
}

export const post = (scene: Scene, path: string, fields: Readonly<Record<string, string>>, headers = {}) =>
  askWithForm(`${scene.issuer}/oauth/${path}`, fields, headers);
export const authOf = ({ clientId, clientSecret }: Credentials) => basic(clientId, clientSecret);

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer;
}
