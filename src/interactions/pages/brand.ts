import { open } from 'node:fs/promises';
import { StartupError } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { type ImageType, isSvg, rasterType } from './image-type.ts';

/** How the pages look: the operator's name, colour and logo. */
export interface Brand {
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  readonly logo: BrandLogo | undefined;
}

export interface BrandLogo extends ImageType {
  readonly bytes: Buffer;
}

const maxLogoBytes = 256 * 1024;

function unfit(why: string, cause?: unknown): StartupError {
  return new StartupError([`BRAND_LOGO: ${why}`], { cause });
}

/** At most one byte more than is allowed: enough to see that there are too many. */
async function readStart(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxLogoBytes + 1));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unfit(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
}

async function loadLogo(path: string): Promise<BrandLogo> {
  const bytes = await readStart(path);
  if (bytes.length > maxLogoBytes) throw unfit(`${path} is larger than 256 KiB`);
  const type = isSvg(bytes) ? { mediaType: 'image/svg+xml', extension: 'svg' } : rasterType(bytes);
  if (type === undefined || type.extension === 'gif') {
    throw unfit(`${path} is none of PNG, JPEG, WebP and SVG, whatever its name says`);
  }
  return { ...type, bytes };
}

/** Reads the brand's logo, once, at the start. @throws StartupError naming BRAND_LOGO when it cannot be shown. */
export async function loadBrand({ name, colour, logo }: Config['brand']): Promise<Brand> {
  return { name, colour, logo: logo === undefined ? undefined : await loadLogo(logo) };
}
