const examples: Readonly<Record<string, readonly string[]>> = {
  clients: [
    'countersign clients create --name "Nightly sync" --client-type confidential \\',
    '    --allowed-grant-types client_credentials --allowed-scopes clients:read',
    'countersign clients list --name-contains sync',
    'countersign clients secrets create OQ...        a second secret; the first works on for a day',
    'countersign clients update OQ... --redirect-uris https://app.example.com/callback',
  ],
  grants: [
    'countersign grants list --user-id US...',
    'countersign grants delete 3f0c...   ends all that it ever allowed',
  ],
  orgs: ['countersign orgs create --name "Tenant 7"', 'countersign orgs memberships list OR...'],
  accounts: ['countersign accounts create --name Production --org OR...'],
  users: ['countersign users create --email ada@example.com --name Ada --password-file - < password.txt'],
  'api-keys': ['countersign api-keys create --name CI --account-sid AC... --user-sid US... --scopes clients:read'],
  'access-tokens': [
    `countersign access-tokens create --api-key-sid SK... --identity ada --grants '{"video":{"room":"lobby"}}'`,
    'countersign access-tokens verify --token eyJ...   why it does not count',
  ],
  'capability-tokens': ['countersign capability-tokens create --data @wish.json'],
  resources: [
    'countersign resources create --identifier https://api.example.com --name "Example API" \\',
    `    --scopes '[{"name":"read","description":"Read your things"}]'`,
  ],
  keys: ['countersign keys list', 'countersign keys rotate --alg ES256'],
  sessions: ['countersign sessions list --user-id US...'],
  audit: ['countersign audit list --action client.deleted', 'countersign audit export > audit.ndjson'],
};

/** The examples that a command's help ends on. */
export function examplesOf(word: string): string {
  const lines = examples[word];
  return lines === undefined ? '' : `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
