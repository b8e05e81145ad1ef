import { Option } from 'commander';
import { z } from 'zod';
import type { Operation } from '../api/index.ts';

/** One member of a schema, as far as the command line needs it. */
interface Member {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Member;
  readonly anyOf?: readonly Member[];
  readonly description?: string;
  readonly default?: unknown;
}

interface Shape {
  readonly properties?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
}

/** An option of a command, and the part of the call that it fills. */
export interface Filling {
  readonly option: Option;
  readonly place: 'query' | 'body';
  readonly member: string;
  readonly read: (given: unknown) => unknown;
}

/** The members of a schema, named ones looked up. */
function shapeOf(schema: z.ZodType | undefined): Shape {
  if (schema === undefined) return {};
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const defined = (whole.$defs ?? {}) as Readonly<Record<string, Member & Shape>>;
  const lookUp = <Part extends Member & Shape>(part: Part): Member & Shape =>
    part.$ref === undefined ? part : (defined[part.$ref.replace('#/$defs/', '')] ?? part);
  const { properties = {}, required = [] } = lookUp(whole as Member & Shape);
  return {
    required,
    properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, lookUp(part)])),
  };
}

/** `filter[name][contains]` is `--name-contains`, `page[number]` is `--page`. */
function flagName(member: string): string {
  if (member === 'page[number]') return 'page';
  const words = member.replace(/^filter\[/, '').replaceAll(/[\][_]+/g, '-');
  return words.replace(/-+$/, '');
}

/** A secret in an option would stand in the list of processes for everybody on the machine to read. */
export const isSecret = (member: string): boolean => member === 'password';

function typeOf({ type, anyOf }: Member): string | undefined {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.find((name) => name !== 'null');
  return anyOf?.map(typeOf).find((name) => name !== undefined && name !== 'null');
}

function isNullable({ type, anyOf }: Member): boolean {
  return type === 'null' || (Array.isArray(type) && type.includes('null')) || anyOf?.some(isNullable) === true;
}

const isListOfText = (member: Member) => {
  const list = typeOf(member) === 'array' ? member : undefined;
  const items = list?.items ?? member.anyOf?.find((one) => typeOf(one) === 'array')?.items;
  return items !== undefined && (typeOf(items) === 'string' || items.enum !== undefined);
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said by the schema, in its own words, with the name of the member.
    return text;
  }
}

function memberValue(member: Member, given: string): unknown {
  if (given === 'null' && isNullable(member)) return null;
  const type = typeOf(member);
  if (type === 'integer' || type === 'number') return given.trim() === '' ? given : Number(given);
  if (type === 'boolean') return given === 'true' ? true : given === 'false' ? false : given;
  return type === 'object' || type === 'array' ? parseJson(given) : given;
}

function placeholder(member: Member): string {
  if (isListOfText(member)) return '<values...>';
  const type = typeOf(member);
  if (type === 'boolean') return '<true|false>';
  if (type === 'integer' || type === 'number') return '<number>';
  return type === 'object' || type === 'array' ? '<json>' : '<value>';
}

function sentenceOf(member: Member, isRequired: boolean): string {
  const choices = member.enum ?? member.items?.enum;
  const parts = [
    member.description ?? '',
    choices === undefined ? '' : `One of ${choices.join(', ')}.`,
    isRequired ? 'Required.' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function fillingOf(place: 'query' | 'body', name: string, member: Member, isRequired: boolean): Filling {
  const option = new Option(`--${flagName(name)} ${placeholder(member)}`, sentenceOf(member, isRequired));
  const list = isListOfText(member);
  const read = (given: unknown) => {
    if (place === 'query') return String(given);
    if (list) return (given as readonly string[]).flatMap((value) => (value === '' ? [] : value.split(',')));
    return memberValue(member, String(given));
  };
  return { option, place, member: name, read };
}

/** The options of an operation, from the schemas that check what they say. */
export function fillingsOf({ query, body }: Operation): readonly Filling[] {
  const places = [
    ['query', shapeOf(query)],
    ['body', shapeOf(body)],
  ] as const;
  return places.flatMap(([place, { properties = {}, required = [] }]) =>
    Object.entries(properties)
      .filter(([name]) => !isSecret(name))
      .map(([name, member]) => fillingOf(place, name, member, place === 'body' && required.includes(name))),
  );
}

/** Whether an operation takes a password, which is read from a file or from standard input. */
export const takesPassword = ({ body }: Operation): boolean => 'password' in (shapeOf(body).properties ?? {});
