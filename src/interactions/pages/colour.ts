/** Red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

const white: Colour = [255, 255, 255];
const black: Colour = [0, 0, 0];

/** What buttons are on, in light and in dark (`--surface` of the stylesheet). */
const surfaces: { readonly light: Colour; readonly dark: Colour } = { light: white, dark: [23, 26, 31] };

/** The worst that text is on (`--hover`). */
const backgrounds: { readonly light: Colour; readonly dark: Colour } = { light: [241, 242, 245], dark: [35, 40, 48] };

function parse(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function format(colour: Colour): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  return from.map((channel, index) => channel + ((to[index] ?? 0) - channel) * share) as unknown as Colour;
}

/** The colour nearest to the given one, on the way to another, that stands out enough against a surface. */
function readableOn(surface: Colour, colour: Colour, towards: Colour, wanted: number): Colour {
  const steps = Array.from({ length: 51 }, (_unused, step) => mix(colour, towards, step / 50));
  return steps.find((candidate) => contrast(candidate, surface) >= wanted) ?? towards;
}

function onto(colour: Colour): string {
  return contrast(colour, white) >= contrast(colour, black) ? '#ffffff' : '#000000';
}

/** Below this contrast a colour vanishes on a surface, and its opposite stands in: a black brand is white in the dark. */
const visible = 1.3;

/**
 * A brand colour in the parts that it plays, in light and in dark, as custom properties of CSS: a button's fill (as
 * given), its outline (3:1, WCAG 2.2 section 1.4.11), what is written on it (black
 * or white, whichever reads better), and the colour as text (4.5:1, section 1.4.3).
 */
export function brandProperties(hex: string): { readonly light: string; readonly dark: string } {
  const colour = parse(hex);
  const properties = (scheme: 'light' | 'dark', towards: Colour) => {
    const fill = contrast(colour, surfaces[scheme]) >= visible ? colour : towards;
    const line = readableOn(surfaces[scheme], fill, towards, 3);
    const ink = readableOn(backgrounds[scheme], fill, towards, 4.5);
    const parts = { brand: format(fill), 'on-brand': onto(fill), 'brand-line': format(line), 'brand-ink': format(ink) };
    return Object.entries(parts)
      .map(([name, value]) => `--${name}: ${value};`)
      .join(' ');
  };
  return { light: properties('light', black), dark: properties('dark', white) };
}
