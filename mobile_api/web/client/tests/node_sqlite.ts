/** Node's own SQLite behind the storage of an app that has SQLite. */

import { DatabaseSync } from "node:sqlite";
import type { Parameter, SqliteDatabase, Statement } from "../src/storage/sqlite.ts";

export function nodeDatabase(path: string): SqliteDatabase {
  const database = new DatabaseSync(path);
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const statement = (text: string): ReturnType<DatabaseSync["prepare"]> => {
    const known = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, known);
    return known;
  };
  return {
    all: (text: string, parameters: readonly Parameter[]) => Promise.resolve(statement(text).all(...parameters)),
    write: (statements: readonly Statement[]) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const [text, parameters] of statements) statement(text).run(...parameters);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        return Promise.reject(error as Error);
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(database.close()),
  };
}
