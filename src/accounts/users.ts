import type { Sql } from '../store/index.ts';
import { readMemberships, readUser } from './store.ts';
import type { Users } from './types.ts';

/** Opens the people of the database. Each question is one query. */
export function createUsers(sql: Sql): Users {
  return {
    find: (sid) => readUser(sql, sid),
    organizationsOf: (sid) => readMemberships(sql, sid),
  };
}
