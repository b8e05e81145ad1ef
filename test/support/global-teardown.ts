/** Ends what global-setup started; both run in the same process. */
export default async function stopPostgres(): Promise<void> {
  await (globalThis as unknown as { stopPostgres(): Promise<void> }).stopPostgres();
}
