/** The fields of demo.json. */
export interface Demo {
  readonly issuer: string;
  readonly organization_sid: string;
  readonly account_sid: string;
  readonly account_auth_token: string;
  readonly user_email: string;
  readonly user_password: string;
  /** SID and secret in one string, for `Authorization: Bearer`. */
  readonly api_key: string;
  readonly api_key_sid: string;
  readonly api_key_secret: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly org_client_id: string;
  readonly org_client_secret: string;
  /** A public native client with PKCE, which signs users in. */
  readonly app_client_id: string;
  readonly app_redirect_uri: string;
  /** The protected resource of `examples/mcp-server`, for clients that register themselves. */
  readonly mcp_resource: string;
}
