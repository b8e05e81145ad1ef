import { z } from 'zod';
import { isSid, type SidKind, sidPrefixes } from '../base/index.ts';

// The parts that the schemas of several features are made of. Messages read on after the name of the field.

/** Control characters, NUL above all, which no PostgreSQL text holds, and halves of surrogate pairs. */
const unacceptable = /[\p{Cc}\p{Surrogate}]/u;

/** Text that a person wrote or reads. */
export const text = (most: number, least = 1) =>
  z
    .string('must be a string')
    .min(least > 1 ? least : 0, `must have at least ${least} characters`)
    .max(most, `must have at most ${most} characters`)
    .refine((value) => !unacceptable.test(value), 'must not contain control characters')
    .refine((value) => least === 0 || value.trim() !== '', 'must not be empty')
    .meta({ minLength: least });

/** A SID of a kind. */
export const sid = (kind: SidKind) =>
  z
    .string('must be a string')
    .refine((value) => isSid(kind, value), `must be a SID: ${sidPrefixes[kind]} and 32 hexadecimal digits`)
    .meta({ pattern: `^${sidPrefixes[kind]}[0-9a-f]{32}$` });

/** A SID of something that lives elsewhere, by its two letters. */
export const foreignSid = (prefix: string) =>
  z
    .string('must be a string')
    .regex(new RegExp(`^${prefix}[0-9a-f]{32}$`), `must be a SID: ${prefix} and 32 hexadecimal digits`);

export const uuid = () => z.uuid('must be a UUID');

/** An absolute http or https URL. Which of them a field takes is for its rules to say. */
export const uri = () =>
  z
    .string('must be a string')
    .max(2048, 'must have at most 2048 characters')
    .refine((value) => !unacceptable.test(value) && URL.canParse(value), 'must be an absolute URI')
    .meta({ format: 'uri' });

/** A list without repetitions. */
export const listOf = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .array(item, 'must be a list')
    .max(most, `must have at most ${most} entries`)
    .refine((list) => new Set(list).size === list.length, 'must name each entry once');

/** A query parameter that is true or false. */
export const flag = () => z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** A moment, as answers have it (RFC 3339, UTC). */
export const timestamp = () => z.iso.datetime();

/** The envelope of one record. */
export const entryOf = <Entry extends z.ZodType>(entry: Entry) => z.strictObject({ data: entry });

/** The envelope of a list. */
export const listAnswer = <Entry extends z.ZodType>(entry: Entry) =>
  z.strictObject({
    data: z.array(entry),
    meta: z.strictObject({
      page_number: z.int().min(1),
      page_size: z.int().min(1).max(100),
      total_pages: z.int().min(0),
      total_results: z.int().min(0),
    }),
  });
