import { runServer } from './boot/index.ts';

await runServer();
