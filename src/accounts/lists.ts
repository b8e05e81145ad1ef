/** Rows of one page, and how many there are on all pages. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** A row of a query that also tells the total. Beyond the last page there is one with the total alone. */
export type Counted<Row> = Row & { readonly total: number };

/** @param isRow whether a row is more than the total. */
export function listed<Row>(found: ReadonlyArray<Counted<Row>>, isRow: (row: Row) => boolean): Listed<Row> {
  return { rows: found.filter(isRow), total: found[0]?.total ?? 0 };
}
