/** What is to be sent, by the name of its subject, a few at a time. */
export interface Outbox {
  /** Takes in what is to be sent for a name, in place of what waits for it already. */
  put(name: string, send: () => Promise<void>): void;
  drop(name: string): void;
}

/** Opens an outbox. What is sent must deal with its own failures. @param most under way at once. */
export function createOutbox(most: number): Outbox {
  const due = new Map<string, () => Promise<void>>();
  let underWay = 0;

  function pump(): void {
    for (const [name, send] of due) {
      if (underWay >= most) return;
      due.delete(name);
      underWay += 1;
      void send().finally(() => {
        underWay -= 1;
        pump();
      });
    }
  }

  return {
    put(name, send) {
      due.set(name, send);
      pump();
    },
    drop: (name) => due.delete(name),
  };
}
