// Reads YAML for the tests: each line of standard input is a JSON string with one file, each line of standard output its
// content as JSON, or what is wrong with it. The parser is the package yaml's.
import { createInterface } from 'node:readline';
import { parseDocument } from 'yaml';

for await (const line of createInterface({ input: process.stdin })) {
  const file = parseDocument(JSON.parse(line), { uniqueKeys: true, strict: true });
  const errors = [...file.errors, ...file.warnings].map((e) => e.message.split('\n')[0]);
  process.stdout.write(JSON.stringify({ errors, content: errors.length === 0 ? file.toJS() : null }) + '\n');
}
