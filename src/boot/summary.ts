import type { Config } from '../config/index.ts';
import { readDemoFile } from '../demo/index.ts';

/** Single quotes keep a shell from reading anything into it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

async function demoLines(config: Config): Promise<readonly string[]> {
  const found = config.seedDemo ? await readDemoFile(config.dataDir) : undefined;
  if (found === undefined) return [];
  const { client_id: id, client_secret: secret } = found.demo;
  return [
    `  Demo       ${found.path}`,
    '',
    'Get a token:',
    '',
    `  curl -s ${config.issuer}/oauth/token -u ${quoted(`${id}:${secret}`)} -d grant_type=client_credentials`,
  ];
}

/** The few lines that a person needs when the server is up: where it is, where the data is, how to get a token. */
export async function readySummary(config: Config): Promise<string> {
  const { database, dataDir, issuer, admin } = config;
  const data = database.url === undefined ? `${dataDir} (embedded PostgreSQL)` : 'the database of DATABASE_URL';
  const lines = [
    '',
    'Countersign is ready.',
    '',
    `  Issuer     ${issuer}`,
    `  Discovery  ${issuer}/.well-known/openid-configuration`,
    ...(admin === undefined ? [] : [`  Metrics    http://${admin.host}:${admin.port}/metrics`]),
    `  Data       ${data}`,
    ...(await demoLines(config)),
    '',
    'Stop with Ctrl-C.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
