import { StartupError } from '../base/index.ts';
import { loadConfig } from '../config/index.ts';
import { createLogger } from '../telemetry/index.ts';
import { completeHere } from './completion.ts';
import type { CompletionReport } from './completion-process.ts';
import { type PackedGround, unpackGround } from './ground.ts';

// A process of its own, started by completion-process.ts. It ends with its work, or with the server that it works for:
// a transaction that is open then never happened.
process.once('disconnect', () => process.exit());

const tell = (report: CompletionReport) => new Promise<void>((resolve) => process.send?.(report, () => resolve()));

function nextOrder(): Promise<PackedGround> {
  return new Promise((resolve) => process.once('message', (order) => resolve(order as PackedGround)));
}

async function complete(): Promise<CompletionReport> {
  const { config } = loadConfig();
  const order = nextOrder();
  await tell({ kind: 'hello' });
  try {
    const ground = unpackGround(await order, config);
    return { kind: 'made', made: await completeHere(config, ground, createLogger(config.log)) };
  } catch (error) {
    const faults = error instanceof StartupError ? error.faults : [(error as Error).stack ?? String(error)];
    return { kind: 'failed', faults };
  }
}

await tell(await complete());
process.disconnect?.();
