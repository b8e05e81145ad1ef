/** What a pure rule answers: a value, or the tagged reason why not. Services turn the reason into a {@link Problem}. */
export type Result<Value, Fault> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

/** The rule holds. */
export const ok = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value });

/** The rule does not hold, for this reason. */
export const fault = <Fault>(reason: Fault): { readonly ok: false; readonly fault: Fault } => ({
  ok: false,
  fault: reason,
});
