import { Policy } from './policy.ts';

const EVENT_BASE = 'https://event-bridge.twilio.com/v1/wschannels';
const TASKROUTER_BASE = 'https://taskrouter.twilio.com';
const VERSION = 'v1';

/** The four policies with which a worker follows its work: activities, tasks, its reservations, itself. */
export function defaultWorkerPolicies(version: string, workspaceSid: string, workerSid: string): Policy[] {
  const workspace = path(TASKROUTER_BASE, version, 'Workspaces', workspaceSid);
  const worker = path(workspace, 'Workers', workerSid);
  return [
    path(workspace, 'Activities'),
    path(workspace, 'Tasks', '**'),
    path(worker, 'Reservations', '**'),
    worker,
  ].map((url) => new Policy({ url, method: 'GET' }));
}

/** The two policies with which a channel receives its events. */
export function defaultEventBridgePolicies(accountSid: string, channelId: string): Policy[] {
  const url = path(EVENT_BASE, accountSid, channelId);
  return ['GET', 'POST'].map((method) => new Policy({ url, method }));
}

/** URL of a workspace; `**` stands for all. Parts that are left out are left out of the URL. */
export function workspacesUrl(workspaceSid?: string): string {
  return path(TASKROUTER_BASE, VERSION, 'Workspaces', workspaceSid);
}

/** URL of a task queue. */
export function taskQueuesUrl(workspaceSid?: string, taskQueueSid?: string): string {
  return path(workspacesUrl(workspaceSid), 'TaskQueues', taskQueueSid);
}

/** URL of a task. */
export function tasksUrl(workspaceSid?: string, taskSid?: string): string {
  return path(workspacesUrl(workspaceSid), 'Tasks', taskSid);
}

/** URL of an activity. */
export function activitiesUrl(workspaceSid?: string, activitySid?: string): string {
  return path(workspacesUrl(workspaceSid), 'Activities', activitySid);
}

/** URL of a worker. */
export function workersUrl(workspaceSid?: string, workerSid?: string): string {
  return path(workspacesUrl(workspaceSid), 'Workers', workerSid);
}

/** URL of a reservation of a worker. */
export function reservationsUrl(workspaceSid?: string, workerSid?: string, reservationSid?: string): string {
  return path(workersUrl(workspaceSid, workerSid), 'Reservations', reservationSid);
}

/** Another name of `workspacesUrl`. */
export function buildWorkspaceUrl(workspaceSid?: string): string {
  return workspacesUrl(workspaceSid);
}

function path(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string').join('/');
}
