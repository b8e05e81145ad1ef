import { optionalText, optionsOf } from '../checks.ts';
import { Grant } from './grant.ts';

/** Every member may be left out and then is not in the token. */
export interface TaskRouterGrantOptions {
  readonly workspaceSid?: string | null | undefined;
  readonly workerSid?: string | null | undefined;
  readonly role?: string | null | undefined;
}

/** A task router grant as it stands in the token, under `task_router`. */
export interface TaskRouterGrantPayload {
  workspace_sid?: string;
  worker_sid?: string;
  role?: string;
}

/** Acting as a worker or a supervisor of a TaskRouter workspace. */
export class TaskRouterGrant extends Grant<TaskRouterGrantPayload> {
  workspaceSid: string | undefined;
  workerSid: string | undefined;
  role: string | undefined;

  constructor(options?: TaskRouterGrantOptions) {
    super('task_router');
    const given = optionsOf(options);
    this.workspaceSid = optionalText('workspaceSid', given.workspaceSid);
    this.workerSid = optionalText('workerSid', given.workerSid);
    this.role = optionalText('role', given.role);
  }

  toPayload(): TaskRouterGrantPayload {
    const payload: TaskRouterGrantPayload = {};
    if (this.workspaceSid) payload.workspace_sid = this.workspaceSid;
    if (this.workerSid) payload.worker_sid = this.workerSid;
    if (this.role) payload.role = this.role;
    return payload;
  }
}
