// Runs every built test project, one after another, then the tests of native/, and sums what they report. Failures are
// printed as they come; the last line is the sum. Usage: node eng/test.mjs [NAME ...] (only the projects whose name
// contains a NAME; the native ones are called Native).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runNativeTests } from './native-tests.mjs';

// A project takes seconds; one that hangs must not take the others' results with it.
const limitMinutes = 15;

const names = process.argv.slice(2);
const results = join('artifacts', 'test-results');
const projects = readdirSync('tests', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join('tests', entry.name, `${entry.name}.csproj`)))
  .map((entry) => entry.name)
  .filter((name) => name.endsWith('.Tests'))
  .filter(isNamed);
if (projects.length === 0 && !isNamed('Native')) {
  console.error(`No test project is called '${names.join("', '")}'.`);
  process.exit(2);
}

mkdirSync(results, { recursive: true });
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const started = Date.now();
  const exitCode = await run(join('artifacts', 'bin', project, 'release', `Pipeline.${project}`), report);
  const summary = read(report);
  if (summary === null) {
    console.log(`${project}: no result (exit code ${exitCode})`);
    sum.failed++;
    continue;
  }
  const counts = {
    passed: summary.passed,
    failed: summary.failed + summary.other,
    skipped: summary.skipped + summary.pending,
  };
  // A run that reports no failed test and yet fails (a crash at its end, no tests) must not pass for a good one.
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(sum)) sum[key] += counts[key];
  console.log(`${project}: ${text(counts)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

if (isNamed('Native')) {
  const started = Date.now();
  const counts = runNativeTests(results, limitMinutes);
  for (const key of Object.keys(sum)) sum[key] += counts[key];
  console.log(`Native: ${text(counts)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

console.log(text(sum));
process.exitCode = sum.failed === 0 ? 0 : 1;

function isNamed(name) {
  return names.length === 0 || names.some((n) => name.toLowerCase().includes(n.toLowerCase()));
}

function run(program, report) {
  return new Promise((resolve) => {
    const child = spawn(program, ['-reporter', 'quiet', '-noLogo', '-noColor', '-ctrf', report], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      // What the property tests say about themselves when all is well.
      if (!/^Ok, passed \d+ tests\.$/.test(line)) console.log(line);
    });
    const limit = setTimeout(() => {
      console.log(`${program} has not ended after ${limitMinutes} minutes and is stopped.`);
      child.kill('SIGKILL');
    }, limitMinutes * 60_000);
    child.on('error', (error) => {
      console.log(error.message);
      resolve(-1);
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve(signal ?? code);
    });
  });
}

function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).results.summary;
  } catch {
    return null;
  }
}

function text({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
