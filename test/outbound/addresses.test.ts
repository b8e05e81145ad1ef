import { describe, expect, it } from '@jest/globals';
import { createOutbound } from '../../src/outbound/index.ts';

const request = { maxBytes: 1000, timeoutMs: 2000, accept: 'image/png' };

const refused = [
  ['this machine', '127.0.0.1'],
  ['this machine under another number', '127.255.0.3'],
  ['this machine in IPv6', '::1'],
  ['a private network', '10.0.0.1'],
  ['a private network of the middle size', '172.31.255.255'],
  ['a private network at home', '192.168.1.1'],
  ['what a cloud keeps its metadata at', '169.254.169.254'],
  ['link-local IPv6', 'fe80::1'],
  ['unique local IPv6', 'fc00::1'],
  ['unique local IPv6 as it is used', 'fd12:3456::1'],
  ['a private address mapped into IPv6', '::ffff:10.0.0.1'],
  ['a mapped address in hexadecimal', '::ffff:a9fe:a9fe'],
  ['an IPv4-compatible address', '::7f00:1'],
  ['NAT64', '64:ff9b::10.0.0.1'],
  ['NAT64 of a local prefix', '64:ff9b:1::a00:1'],
  ['6to4', '2002:a00:1::1'],
  ['Teredo', '2001:0:a00:1::1'],
  ['no address', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['no address in IPv6', '::'],
  ['shared address space', '100.64.0.1'],
  ['multicast', '224.0.0.1'],
  ['multicast in IPv6', 'ff02::1'],
  ['broadcast', '255.255.255.255'],
  ['what is reserved', '240.0.0.1'],
  ['documentation', '192.0.2.1'],
  ['documentation in IPv6', '2001:db8::1'],
  ['benchmarks', '198.18.0.1'],
  ['a former site-local address', 'fec0::1'],
  ['what nobody was given', '4000::1'],
] as const;

/** Names resolve to what a test says. */
const resolving = (...addresses: readonly string[]) =>
  createOutbound({
    allowLoopback: false,
    lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });

describe('The addresses that a request may go to', () => {
  it.each(refused)('do not include %s by name: %s', async (_what, address) => {
    const answer = await resolving(address).fetch('https://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'refused_address' } });
  });

  it.each(refused)('do not include %s by number: %s', async (_what, address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const answer = await resolving('8.8.8.8').fetch(`https://${host}/`, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'refused_address' } });
  });

  it.each([
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::127.0.0.1]/',
  ])('do not include this machine in disguise: %s', async (url) => {
    const answer = await resolving('8.8.8.8').fetch(url, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'refused_address' } });
  });

  it('do not include a name with one bad address among good ones', async () => {
    const answer = await resolving('93.184.215.14', '10.0.0.1').fetch('https://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'refused_address' } });
  });

  it('include nothing but loopback besides, where loopback is allowed', async () => {
    const outbound = createOutbound({
      allowLoopback: true,
      lookup: async () => [{ address: '10.0.0.1', family: 4 }],
    });
    const answer = await outbound.fetch('https://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'refused_address' } });
  });

  it('do not include a name that nobody knows', async () => {
    const outbound = createOutbound({
      allowLoopback: false,
      lookup: () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' })),
    });
    const answer = await outbound.fetch('https://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'unresolvable' } });
  });
});

describe('A name without any address', () => {
  it('cannot be reached', async () => {
    const answer = await resolving().fetch('https://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'unresolvable', detail: 'logo.example' } });
  });
});

describe('The URLs that are fetched', () => {
  it.each([
    ['plain http', 'http://logo.example/'],
    ['another scheme', 'ftp://logo.example/'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,AAAA'],
    ['a user name', 'https://user@logo.example/'],
    ['a password', 'https://:secret@logo.example/'],
    ['the port of a mail server', 'https://logo.example:25/'],
    ['the port of http', 'https://logo.example:80/'],
    ['no URL', 'logo.example'],
    ['http to this machine, in production', 'http://localhost:8080/'],
  ])('have no %s', async (_what, url) => {
    const answer = await resolving('93.184.215.14').fetch(url, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'bad_url' } });
  });

  it('are https for other machines where loopback is allowed too', async () => {
    const answer = await createOutbound({ allowLoopback: true }).fetch('http://logo.example/', request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'bad_url' } });
  });
});
