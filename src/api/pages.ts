import { z } from 'zod';

const whole = (name: string, least: number, most: number, otherwise: number) =>
  z.coerce
    .number(`must be a whole number from ${least} to ${most}`)
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be a whole number from ${least} to ${most}`)
    .max(most, `must be a whole number from ${least} to ${most}`)
    .default(otherwise)
    .describe(name);

/** The query parameters of every list. */
export const pageParameters = {
  'page[number]': whole('The page, from 1 on. Beyond the last one is an empty page.', 1, 10_000_000, 1),
  'page[size]': whole('Records on a page.', 1, 100, 20),
};

/** What a list is asked for. */
export interface Page {
  readonly 'page[number]': number;
  readonly 'page[size]': number;
}

/** How many records lie before a page. */
export const offsetOf = (page: Page): number => (page['page[number]'] - 1) * page['page[size]'];

/** The envelope of a list. @param total how many records there are on all pages, exactly. */
export function pageOf<Item>(data: readonly Item[], total: number, page: Page) {
  return {
    data: [...data],
    meta: {
      page_number: page['page[number]'],
      page_size: page['page[size]'],
      total_pages: Math.ceil(total / page['page[size]']),
      total_results: total,
    },
  };
}
