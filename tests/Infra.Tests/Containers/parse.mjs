// Parses Dockerfiles for the tests: each line of standard input is a JSON string with one file, each line of standard output
// its instructions as JSON. The parser is dockerfile-ast's.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const { DockerfileParser } = createRequire(import.meta.url)('dockerfile-ast');

for await (const line of createInterface({ input: process.stdin })) {
  const file = DockerfileParser.parse(JSON.parse(line));
  const comments = file.getComments().map((c) => c.getRange().end.line);
  const answer = file.getInstructions().map((i) => ({
    line: i.getRange().start.line + 1,
    keyword: i.getKeyword(),
    text: i.getRawArgumentsContent() ?? '',
    words: i.getArguments().map((a) => a.getValue()),
    flags: i.getFlags ? i.getFlags().map((f) => f.toString()) : [],
    explained: comments.includes(i.getRange().start.line - 1),
  }));
  process.stdout.write(JSON.stringify(answer) + '\n');
}
