// Which they are is known further down, where clients register for them.
export { openidScopes } from '../../clients/index.ts';
