import { crc32, deflateSync } from 'node:zlib';

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A real PNG: a ring on nothing, so that what lies behind it shows. */
export function ringPng(size = 96): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, (_row, y) => {
    const pixels = Array.from({ length: size }, (_column, x) => {
      const distance = Math.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) / size;
      return distance > 0.2 && distance < 0.38 ? [225, 70, 40, 255] : [0, 0, 0, 0];
    });
    return Buffer.from([0, ...pixels.flat()]);
  });
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A word mark. */
export const wordMarkSvg = `<?xml version="1.0" encoding="UTF-8"?>
<!-- A word mark. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 36" width="150" height="36">
  <path fill="#0f766e" d="M18 2 34 30H2z"/>
  <path fill="none" stroke="#0f766e" stroke-width="5" d="M46 8v22M60 8v22M46 19h14M74 30V8h14M74 19h11M104 8v22h13M130 8v22h14"/>
</svg>
`;
