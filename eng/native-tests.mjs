// Builds and runs the tests of native/ with CMake and ctest. Failures are printed with what they said.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

const tree = join('artifacts', 'native', 'build');

/** What passed, failed and was skipped. A part that cannot be tried here is one that was skipped, in one line. */
export function runNativeTests(results, limitMinutes) {
  if (!existsSync(join(tree, 'CMakeCache.txt'))) {
    console.log('Native: not built, so not tested (cmake or a C++ compiler is missing).');
    return { passed: 0, failed: 0, skipped: 1 };
  }

  if (!process.env.TENSORRT_INCLUDE) {
    console.log('Native: the TensorRT shim is left out (TENSORRT_INCLUDE names no folder with its headers).');
  }

  const atOnce = String(availableParallelism());
  const report = resolve(results, 'Native.xml');
  rmSync(report, { force: true });
  const built = run('cmake', ['--build', tree, '--target', 'native_tests', '--parallel', atOnce], limitMinutes);
  if (built.status !== 0) {
    console.log(`${built.output}\nThe native tests could not be built.`);
    return { passed: 0, failed: 1, skipped: 0 };
  }

  const ran = run('ctest', ['--test-dir', tree, '--output-junit', report, '--parallel', atOnce], limitMinutes);
  if (!existsSync(report)) {
    console.log(ran.output);
    return { passed: 0, failed: 1, skipped: 0 };
  }

  return countsOf(readFileSync(report, 'utf8'), ran.status);
}

function run(program, options, limitMinutes) {
  const ended = spawnSync(program, options, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMinutes * 60_000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: ended.status, output: `${ended.error?.message ?? ''}${ended.stdout ?? ''}${ended.stderr ?? ''}` };
}

function countsOf(xml, status) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, attributes, body = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const outcome = /\bstatus="(\w+)"/.exec(attributes)?.[1];
    if (outcome === 'run') counts.passed++;
    else if (outcome === 'fail') {
      counts.failed++;
      const said = /<system-out>([\s\S]*?)<\/system-out>/.exec(body)?.[1] ?? '';
      console.log(unescaped(`${/\bname="([^"]*)"/.exec(attributes)?.[1]}: ${said.trim()}`));
    } else counts.skipped++;
  }

  // Nothing that ran, or a runner that failed without a test that did, must not pass for a good run.
  if (counts.failed === 0 && (status !== 0 || counts.passed === 0)) counts.failed = 1;
  return counts;
}

function unescaped(text) {
  const characters = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => characters[name]);
}
