import { callsAs, type ManagementCaller, recordOf } from '../support/calls.ts';
import { type House, openHouse } from '../support/house.ts';
import { makeTenant, type Tenant } from '../support/tenant.ts';

/** A protected resource as it is answered. */
export type Resource = Readonly<Record<string, unknown>> & { readonly id: string; readonly introspectors: string[] };

/** A server with an operator, a tenant, and somebody who has nothing to do with either. */
export interface Scene {
  readonly house: House;
  readonly operator: ManagementCaller;
  readonly tenant: Tenant;
  readonly asTenant: ManagementCaller;
  readonly stranger: Tenant;
  readonly asStranger: ManagementCaller;
}

export async function openScene(): Promise<Scene> {
  const house = await openHouse();
  const tenant = await makeTenant(house, { name: 'Tenants' });
  const stranger = await makeTenant(house);
  return {
    house,
    operator: callsAs(house.address, house.demo['api_key'] as string),
    tenant,
    asTenant: callsAs(house.address, tenant.apiKey),
    stranger,
    asStranger: callsAs(house.address, stranger.apiKey),
  };
}

let made = 0;

/** What a resource is made from, another one each time. */
export const draft = (more: object = {}) => {
  made += 1;
  return { identifier: `https://api-${made}.example/v1`, name: `API ${made}`, ...more };
};

/** Makes a resource. */
export const make = async (as: ManagementCaller, more: object = {}) =>
  recordOf<Resource>(await as('POST', '/resources', draft(more)), 201);
