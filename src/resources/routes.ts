import { change, type Operation, read } from '../api/index.ts';
import type { Config } from '../config/index.ts';
import type { Management } from '../store/index.ts';
import { changeResource, listResources, makeResource, removeResource, retrieveResource } from './administration.ts';
import {
  createResourceBody,
  resourceAnswer,
  resourceListAnswer,
  resourceParams,
  resourceQuery,
  updateResourceBody,
} from './schemas.ts';

export interface ResourceParts {
  readonly config: Pick<Config, 'issuer'>;
  readonly management: Management;
}

const tag = 'Resources';
const looking = ['resources:read'];
const changing = ['resources:write'];
const one = '/resources/{id}';

/** Protected resources over REST. */
export function resourceOperations({ config: { issuer }, management }: ResourceParts): readonly Operation[] {
  return [
    read(
      {
        id: 'listResources',
        method: 'get',
        path: '/resources',
        tag,
        summary: 'List protected resources',
        description: 'Those of your organizations, and those of the platform, which every client may ask for.',
        scopes: looking,
        status: 200,
        query: resourceQuery,
        answer: resourceListAnswer,
      },
      (call) => listResources(management, call),
    ),
    change(
      {
        id: 'createResource',
        method: 'post',
        path: '/resources',
        tag,
        summary: 'Create a protected resource',
        description:
          'The first organization to name a resource at an origin (scheme, host and port of a URL) has that origin for itself and those above it.',
        scopes: changing,
        status: 201,
        body: createResourceBody,
        answer: resourceAnswer,
      },
      (call) => makeResource(issuer, call),
    ),
    read(
      {
        id: 'retrieveResource',
        method: 'get',
        path: one,
        tag,
        summary: 'Retrieve a protected resource',
        scopes: looking,
        status: 200,
        params: resourceParams,
        answer: resourceAnswer,
      },
      (call) => retrieveResource(management, call),
    ),
    change(
      {
        id: 'updateResource',
        method: 'put',
        path: one,
        tag,
        summary: 'Change a protected resource',
        description:
          'Members that are left out stay as they are. Lists are replaced as a whole; clients beyond your reach stay among the introspectors. The identifier cannot be changed. Resources of the platform are changed by operators only, this API’s own not at all.',
        scopes: changing,
        status: 200,
        params: resourceParams,
        body: updateResourceBody,
        bodyOptional: true,
        answer: resourceAnswer,
      },
      (call) => changeResource(issuer, call),
    ),
    change(
      {
        id: 'deleteResource',
        method: 'delete',
        path: one,
        tag,
        summary: 'Delete a protected resource',
        description: 'From then on nobody gets a token for it.',
        scopes: changing,
        status: 204,
        params: resourceParams,
      },
      (call) => removeResource(issuer, call),
    ),
  ];
}
