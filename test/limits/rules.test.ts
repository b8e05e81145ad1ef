import { describe, expect, it } from '@jest/globals';
import { addressKey } from '../../src/limits/index.ts';

describe('the key of an address', () => {
  it.each([
    '192.0.2.7',
    '::ffff:192.0.2.7',
    '::FFFF:C000:0207',
    '0:0:0:0:0:ffff:192.0.2.7',
    '192.0.2.7:4711',
    '[::ffff:192.0.2.7]:4711',
  ])('of IPv4 is the same however it is written: %s', (address) => {
    expect(addressKey(address)).toBe('192.0.2.7');
  });

  it.each([
    '2001:db8:1:2::1',
    '2001:DB8:1:2:ffff:ffff:ffff:ffff',
    '2001:0db8:0001:0002:0000:0000:0000:0009',
    '[2001:db8:1:2::1]',
    '[2001:db8:1:2::1]:4711',
    '2001:db8:1:2::1%eth0',
  ])('of IPv6 is its /64: %s', (address) => {
    expect(addressKey(address)).toBe('2001:db8:1:2::/64');
  });

  it('tells neighbours apart', () => {
    expect(addressKey('192.0.2.8')).not.toBe(addressKey('192.0.2.7'));
    expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'));
  });

  it.each(['', 'unix:', 'localhost', '192.0.2.7, 192.0.2.8', `${'9'.repeat(5000)}`])(
    'is one for all that is no address: %p',
    (address) => {
      expect(addressKey(address)).toBe('unknown');
    },
  );
});
