import { keepHeapSmall } from './base/index.ts';

keepHeapSmall();
const { runServer } = await import('./boot/index.ts');
await runServer();
