/** The scopes of OpenID Connect, which belong to no resource. `org` is ours. */
export const openidScopes: ReadonlySet<string> = new Set(['openid', 'offline_access', 'profile', 'email', 'org']);
