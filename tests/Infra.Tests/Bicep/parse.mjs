// Parses Bicep for the tests: each line of standard input is a JSON string with the text of one file, each line of standard
// output is its statements as JSON, or its syntax errors. The grammar is tree-sitter-bicep's; the shape of the answer is ours.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, Parser } from 'web-tree-sitter';

const escapes = { '\\n': '\n', '\\r': '\r', '\\t': '\t', "\\'": "'", '\\\\': '\\', '\\$': '$' };
const require = createRequire(import.meta.url);
await Parser.init();
const grammar = join(dirname(require.resolve('tree-sitter-bicep/package.json')), 'tree-sitter-bicep.wasm');
const parser = new Parser();
parser.setLanguage(await Language.load(grammar));

for await (const line of createInterface({ input: process.stdin })) {
  // The grammar knows parameters with a type only; in a parameters file they are assignments, as variables are.
  const text = JSON.parse(line).replace(/^param(?= +\w+ *=)/gm, 'var  ');
  const root = parser.parse(text).rootNode;
  const errors = [];
  collectErrors(root, errors);
  let statements = [];
  if (errors.length === 0) {
    try {
      statements = statementsOf(root);
    } catch (e) {
      errors.push({ line: 0, text: e.message });
    }
  }
  process.stdout.write(JSON.stringify({ errors, statements }) + '\n');
}

function collectErrors(node, errors) {
  if (node.isError || node.isMissing)
    errors.push({ line: node.startPosition.row + 1, text: node.isMissing ? `missing ${node.type}` : node.text.slice(0, 60) });
  else for (const child of node.children) collectErrors(child, errors);
}

function named(node) {
  return node.namedChildren.filter((n) => n.type !== 'comment' && n.type !== 'diagnostic_comment');
}

function statementsOf(root) {
  const statements = [];
  let decorators = [];
  for (const node of named(root)) {
    if (node.type === 'decorators') {
      decorators = named(node).map((d) => expression(named(d)[0]));
      continue;
    }
    statements.push({ ...statement(node), decorators, line: node.startPosition.row + 1 });
    decorators = [];
  }
  return statements;
}

function statement(node) {
  const parts = named(node);
  switch (node.type) {
    case 'target_scope_assignment': return { kind: 'targetScope', value: expression(parts[0]) };
    case 'using_statement': return { kind: 'using', path: plain(parts[0]) };
    case 'import_functionality': return { kind: 'import', names: parts.slice(0, -1).map((n) => n.text), path: plain(parts.at(-1)) };
    case 'parameter_declaration': return {
      kind: 'param', name: parts[0].text, type: type(parts[1]), value: parts.length > 2 ? expression(parts[2]) : null,
    };
    case 'variable_declaration': return { kind: 'var', name: parts[0].text, value: expression(parts[1]) };
    case 'type_declaration': return { kind: 'type', name: parts[0].text, type: type(parts[1]) };
    case 'user_defined_function': return {
      kind: 'func', name: parts[0].text, value: expression(parts.at(-1)),
      parameters: named(parts[1]).map((p) => ({ name: named(p)[0].text, type: type(named(p)[1]) })),
    };
    case 'resource_declaration': return {
      kind: 'resource', name: parts[0].text, type: plain(parts[1]), value: body(parts[2]),
      existing: node.children.some((c) => c.type === 'existing'),
    };
    case 'module_declaration': return { kind: 'module', name: parts[0].text, path: plain(parts[1]), value: body(parts[2]) };
    case 'output_declaration': return { kind: 'output', name: parts[0].text, type: type(parts[1]), value: expression(parts[2]) };
    default: throw new Error(`line ${node.startPosition.row + 1}: the tests do not know a ${node.type}`);
  }
}

// What follows a resource's or module's equals sign.
function body(node) {
  const parts = named(node);
  if (node.type === 'if_statement')
    return { kind: 'if', condition: expression(named(parts[0])[0]), value: expression(parts[1]), line: node.startPosition.row + 1 };
  return node.type === 'for_statement' ? loop(node) : expression(node);
}

function loop(node) {
  const inner = node.childForFieldName('body');
  const parts = named(node);
  const [item, index] = parts[0].type === 'for_loop_parameters' ? named(parts[0]).map((n) => n.text) : [parts[0].text, null];
  return {
    kind: 'for', item, index, list: expression(parts[1]), line: node.startPosition.row + 1,
    value: inner.type === 'if_statement' ? body(inner) : expression(inner),
  };
}

function expression(node) {
  return { ...shape(node), line: node.startPosition.row + 1 };
}

function shape(node) {
  const parts = named(node);
  const field = (name) => expression(node.childForFieldName(name));
  switch (node.type) {
    case 'string': return string(node);
    case 'number': return { kind: 'literal', value: Number(node.text) };
    case 'boolean': return { kind: 'literal', value: node.text === 'true' };
    case 'null': return { kind: 'literal', value: null };
    case 'identifier': return { kind: 'name', name: node.text };
    case 'array': return { kind: 'array', items: parts.map(expression) };
    case 'object': return { kind: 'object', members: parts.filter((p) => p.type === 'object_property').map(member) };
    case 'for_statement': return loop(node);
    case 'parenthesized_expression': return parts.length === 1
      ? { ...expression(parts[0]), whole: true } : { kind: 'parameters', names: parts.map((p) => p.text) };
    case 'lambda_expression': return {
      kind: 'lambda', value: expression(parts[1]),
      names: parts[0].type === 'identifier' ? [parts[0].text] : named(parts[0]).map((p) => p.text),
    };
    case 'call_expression': return call(node);
    case 'member_expression': return attached(expression(parts[0]), (object) => ({
      kind: 'member', object, name: parts[1].text, safe: node.children.some((c) => c.type === '.?'),
    }));
    case 'subscript_expression': return attached(field('object'), (object) => ({ kind: 'index', object, index: field('index') }));
    case 'ternary_expression': return hoisted(field('condition'), (condition) => ({
      kind: 'choice', condition, yes: field('consequence'), no: field('alternative'),
    }));
    case 'binary_expression': return hoisted(field('left'), (left) => ({
      kind: 'binary', operator: node.childForFieldName('operator').text, left, right: field('right'),
    }));
    case 'unary_expression': return { kind: 'unary', operator: node.childForFieldName('operator').text, value: field('argument') };
    default: throw new Error(`line ${node.startPosition.row + 1}: the tests do not know a ${node.type}`);
  }
}

// The grammar ends a lambda too early: `x => x.y == z` is read as `((x => x).y) == z`. What follows belongs to its body.
function hoisted(first, rest) {
  return first.kind === 'lambda' && !first.whole
    ? { ...first, value: { ...rest(first.value), line: first.line } }
    : rest(first);
}

// Nor does it bind members tightly enough: `a ? b : c.d` is read as `(a ? b : c).d`. They belong to what stands last.
function attached(first, rest) {
  const last = { lambda: 'value', unary: 'value', binary: 'right', choice: 'no' }[first.kind];
  return last && !first.whole ? { ...first, [last]: { ...attached(first[last], rest), line: first.line } } : rest(first);
}

function call(node) {
  const target = expression(node.childForFieldName('function'));
  const args = named(node.childForFieldName('arguments')).map(expression);
  return hoisted(target, (callee) => ({ kind: 'call', name: callee.kind === 'name' ? callee.name : null, arguments: args }));
}

function member(node) {
  const [key, value] = named(node);
  const name = key.type === 'string' ? string(key) : { kind: 'string', parts: [key.text] };
  return { name, value: value.type.endsWith('_type') ? { kind: 'type' } : expression(value), line: node.startPosition.row + 1 };
}

function string(node) {
  if (node.text.startsWith("'''")) return { kind: 'string', parts: [node.text.slice(3, -3).replace(/^\n/, '')] };
  // Spaces between two pieces belong to no node of the grammar, so the pieces are cut from the text by their places.
  const parts = [];
  let at = node.startIndex + 1;
  const push = (to) => { if (to > at) parts.push(unescape(node.text.slice(at - node.startIndex, to - node.startIndex))); };
  for (const piece of named(node).filter((n) => n.type === 'interpolation')) {
    push(piece.startIndex);
    parts.push(expression(named(piece)[0]));
    at = piece.endIndex;
  }
  push(node.endIndex - 1);
  return { kind: 'string', parts };
}

function unescape(text) {
  return text.replace(/\\u\{([0-9a-fA-F]+)\}|\\./g, (all, code) =>
    code ? String.fromCodePoint(parseInt(code, 16)) : escapes[all] ?? fail(`the escape ${all}`));
}

function fail(what) {
  throw new Error(`the tests do not know ${what}`);
}

function plain(node) {
  return string(node).parts.join('');
}

function type(node) {
  const parts = named(node);
  switch (node.type) {
    case 'type': case 'parenthesized_type': return type(parts[0]);
    case 'primitive_type': case 'identifier': return { kind: 'name', name: node.text };
    case 'string': return { kind: 'literal', value: plain(node) };
    case 'array_type': return { kind: 'array', item: type(parts[0]) };
    case 'nullable_type': return { kind: 'nullable', item: type(parts[0]) };
    case 'union_type': return { kind: 'union', items: parts.flatMap((p) => { const t = type(p); return t.kind === 'union' ? t.items : [t]; }) };
    // Two strings with a bar between them are read as a sum when they follow an equals sign.
    case 'binary_expression': return { kind: 'union', items: parts.flatMap((p) => { const t = type(p); return t.kind === 'union' ? t.items : [t]; }) };
    case 'subscript_expression': return { kind: 'array', item: type(parts[0]) };
    case 'object': return objectType(node);
    default: throw new Error(`line ${node.startPosition.row + 1}: the tests do not know the type ${node.type}`);
  }
}

function objectType(node) {
  const members = [];
  let decorators = [];
  for (const part of named(node)) {
    if (part.type === 'decorators') {
      decorators = named(part).map((d) => expression(named(d)[0]));
      continue;
    }
    const [key, value] = named(part);
    members.push({ name: key.text, type: type(value), decorators });
    decorators = [];
  }
  return { kind: 'object', members };
}
