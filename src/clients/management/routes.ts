import { change, entryOf, type Operation, pageOf, read } from '../../api/index.ts';
import {
  clientList,
  clientParams,
  clientRecord,
  createClientBody,
  listClientsQuery,
  secretParams,
  updateClientBody,
} from './schemas.ts';
import {
  addSecret,
  type ClientManagementParts,
  deleteClient,
  listClients,
  makeClient,
  retireSecret,
  retrieveClient,
  setStanding,
  updateClient,
} from './service.ts';

const reading = { tag: 'OAuth clients', scopes: ['clients:read', 'clients:write'] } as const;
const writing = { tag: 'OAuth clients', scopes: ['clients:write'] } as const;

/** A path with the alias that Telnyx's newer reference has. */
const at = (rest = '') => ({ path: `/oauth_clients${rest}`, aliases: [`/oauth/clients${rest}`] });

const answer = entryOf(clientRecord);
const params = clientParams;

function lookingAt(parts: ClientManagementParts): readonly Operation[] {
  return [
    read(
      {
        ...reading,
        ...at(),
        id: 'listOAuthClients',
        method: 'get',
        summary: 'List OAuth clients',
        description: 'The clients of the organization and of those beneath it, oldest first.',
        status: 200,
        query: listClientsQuery,
        answer: clientList,
      },
      async ({ caller, query }) => {
        const { records, total } = await listClients(parts, { caller, query });
        return pageOf(records, total, query);
      },
    ),
    read(
      {
        ...reading,
        ...at('/{id}'),
        id: 'retrieveOAuthClient',
        method: 'get',
        summary: 'Retrieve an OAuth client',
        status: 200,
        params,
        answer,
      },
      async ({ caller, params: { id } }) => ({ data: await retrieveClient(parts, caller, id) }),
    ),
  ];
}

function changing(parts: ClientManagementParts): readonly Operation[] {
  return [
    change(
      {
        ...writing,
        ...at(),
        id: 'createOAuthClient',
        method: 'post',
        summary: 'Create an OAuth client',
        description: 'The client secret of a confidential client is in this answer and nowhere else.',
        status: 201,
        body: createClientBody,
        answer,
      },
      async (call) => ({ data: await makeClient(parts, call, call.body) }),
    ),
    change(
      {
        ...writing,
        ...at('/{id}'),
        id: 'updateOAuthClient',
        method: 'put',
        summary: 'Update an OAuth client',
        description:
          'Changes what the body names and leaves the rest. Whoever is no operator takes the verification away by ' +
          'changing the name, the logo or the redirect URIs.',
        status: 200,
        params,
        body: updateClientBody,
        bodyOptional: true,
        answer,
      },
      async (call) => ({ data: await updateClient(parts, call, call.params.id, call.body) }),
    ),
    change(
      {
        ...writing,
        ...at('/{id}'),
        id: 'deleteOAuthClient',
        method: 'delete',
        summary: 'Delete an OAuth client',
        description: 'Revokes all that the client ever got, at once.',
        status: 204,
        params,
      },
      (call) => deleteClient(call, call.params.id).then(() => undefined),
    ),
  ];
}

function standing(): readonly Operation[] {
  const one = { ...writing, method: 'post', status: 200, params, answer } as const;
  return [
    change(
      {
        ...one,
        ...at('/{id}/disable'),
        id: 'disableOAuthClient',
        summary: 'Disable an OAuth client',
        description: 'It gets no tokens any more, and those that it has are revoked.',
      },
      async (call) => ({ data: await setStanding(call, call.params.id, 'suspended') }),
    ),
    change(
      {
        ...one,
        ...at('/{id}/enable'),
        id: 'enableOAuthClient',
        summary: 'Enable an OAuth client',
        description: 'It may get tokens again. What was revoked stays revoked.',
      },
      async (call) => ({ data: await setStanding(call, call.params.id, 'active') }),
    ),
  ];
}

function secrets(parts: ClientManagementParts): readonly Operation[] {
  return [
    change(
      {
        ...writing,
        ...at('/{id}/secrets'),
        id: 'createOAuthClientSecret',
        method: 'post',
        summary: 'Rotate the secret of an OAuth client',
        description:
          'The new secret is in this answer and nowhere else. The one before it works on for a day, or until it is ' +
          'retired; an older one ends at once.',
        status: 201,
        params,
        answer,
      },
      async (call) => ({ data: await addSecret(parts, call, call.params.id) }),
    ),
    change(
      {
        ...writing,
        ...at('/{id}/secrets/{secret_id}'),
        id: 'deleteOAuthClientSecret',
        method: 'delete',
        summary: 'Retire the older secret of an OAuth client',
        description: 'Ends it before its day is over. The current secret cannot be retired.',
        status: 204,
        params: secretParams,
      },
      (call) => retireSecret(call, call.params.id, call.params.secret_id).then(() => undefined),
    ),
  ];
}

/** `/oauth_clients` and what is beneath it. */
export function clientOperations(parts: ClientManagementParts): readonly Operation[] {
  return [...lookingAt(parts), ...changing(parts), ...standing(), ...secrets(parts)];
}
