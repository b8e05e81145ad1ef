import { ConnectionError, TimeoutError } from '../errors.ts';
import { abortable } from '../transport/abortable.ts';
import { ApiResponseError } from './errors.ts';
import type { Flow } from './requests.ts';

/** The most characters of one line. */
const longestLine = 1_048_576;

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The next part of a body; undefined after the last one. */
async function nextPart(reader: Reader, { place, timeout, signal }: Flow): Promise<Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const tell = () => reject(new TimeoutError(`${place}: nothing more came within ${timeout} ms.`, timeout));
    timer = setTimeout(tell, timeout);
  });
  const read = async () => {
    try {
      return await reader.read();
    } catch (cause) {
      throw new ConnectionError(`${place}: the answer broke off. What came until then is good.`, { cause });
    }
  };
  try {
    const { value } = await abortable(() => Promise.race([read(), late]), signal);
    return value;
  } finally {
    clearTimeout(timer);
  }
}

async function* textsOf(reader: Reader, flow: Flow): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for (let part = await nextPart(reader, flow); part !== undefined; part = await nextPart(reader, flow)) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new ApiResponseError(`${flow.place}: a line without an end.`, 200);
    yield* lines;
  }
  yield rest + decoder.decode();
}

function parse<Item>(place: string, line: string): Item {
  try {
    return JSON.parse(line) as Item;
  } catch {
    // What the platform says of it shows a part of the line.
    throw new ApiResponseError(`${place}: a line that is no JSON.`, 200);
  }
}

/**
 * The records of JSON lines, as they come. Whoever stops reading ends the request.
 * @throws ConnectionError | TimeoutError | ApiResponseError, or the reason of a signal.
 */
export async function* recordsOf<Item>(flow: Flow): AsyncGenerator<Item, void, undefined> {
  const reader = flow.body.getReader();
  try {
    for await (const line of textsOf(reader, flow)) if (line !== '') yield parse<Item>(flow.place, line);
  } finally {
    // A body that broke cannot be given up any more: what broke it is thrown already.
    await reader.cancel().catch(() => undefined);
  }
}
