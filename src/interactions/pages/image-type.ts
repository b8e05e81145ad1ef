/** A picture that may be shown: its media type and the ending of its file's name. */
export interface ImageType {
  readonly mediaType: string;
  readonly extension: string;
}

/** What stands where at the beginning of a file, byte for byte. */
const signatures: ReadonlyArray<readonly [marks: Readonly<Record<number, string>>, type: ImageType]> = [
  [{ 0: '\x89PNG\r\n\x1a\n' }, { mediaType: 'image/png', extension: 'png' }],
  [{ 0: '\xff\xd8\xff' }, { mediaType: 'image/jpeg', extension: 'jpg' }],
  [
    { 0: 'RIFF', 8: 'WEBP' },
    { mediaType: 'image/webp', extension: 'webp' },
  ],
  [{ 0: 'GIF87a' }, { mediaType: 'image/gif', extension: 'gif' }],
  [{ 0: 'GIF89a' }, { mediaType: 'image/gif', extension: 'gif' }],
];

/** The type of a raster image by its first bytes, whatever its name or its sender says. */
export function rasterType(bytes: Buffer): ImageType | undefined {
  const head = bytes.toString('latin1', 0, 16);
  const fits = (marks: Readonly<Record<number, string>>) =>
    Object.entries(marks).every(([offset, mark]) => head.startsWith(mark, Number(offset)));
  return signatures.find(([marks]) => fits(marks))?.[1];
}

/** An SVG document by its beginning: a root element `svg` after nothing but a declaration, a doctype and comments. */
export function isSvg(bytes: Buffer): boolean {
  const head = bytes.toString('utf8', 0, 4096).replace(/^\ufeff/, '');
  return /^\s*(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE svg[^>[]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/i.test(
    head,
  );
}
