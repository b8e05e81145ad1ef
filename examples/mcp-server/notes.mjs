// The MCP server itself: two tools over notes that each user has of their own.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** The scopes that a call of each tool takes; whatever else is asked takes the first. */
const toolScopes = { list_notes: ['notes:read'], add_note: ['notes:read', 'notes:write'] };

export const scopes = ['notes:read', 'notes:write'];

/** The scopes that a message takes. */
export function scopesFor(message) {
  const tool = message?.method === 'tools/call' ? message.params?.name : undefined;
  return Object.hasOwn(toolScopes, tool ?? '') ? toolScopes[tool] : ['notes:read'];
}

const notes = new Map();
const mostNotes = 100;

const says = (text) => ({ content: [{ type: 'text', text }] });

/** A server for one request of a user. */
export function createNotesServer(user) {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  const own = notes.get(user) ?? [];

  server.registerTool('list_notes', { description: 'Lists your notes' }, () => says(own.join('\n')));
  server.registerTool(
    'add_note',
    { description: 'Adds a note', inputSchema: { text: z.string().min(1).max(1000) } },
    ({ text }) => {
      notes.set(user, [...own, text].slice(-mostNotes));
      return says('Noted.');
    },
  );
  return server;
}
