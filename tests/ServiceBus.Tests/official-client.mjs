// Drives the emulator with Microsoft's own JavaScript client. Usage: node official-client.mjs CONNECTION_STRING
// Exits with 0 only when every step held; the emulator has queue `q` (lock 2 s, 2 deliveries, duplicate detection)
// and topic `events` with subscriptions `built` (type = built) and `all`.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { ServiceBusClient } from "@azure/service-bus";

const client = new ServiceBusClient(process.argv[2], { retryOptions: { maxRetries: 0, timeoutInMs: 20000 } });
const wait = { maxWaitTimeInMs: 20000 };
const one = async (receiver) => {
  const [message] = await receiver.receiveMessages(1, wait);
  assert.ok(message, "a message has to come");
  return message;
};
const steps = {
  async "send, receive, renew, complete"() {
    const sender = client.createSender("q");
    await sender.sendMessages({ body: { n: 1 }, messageId: "a", applicationProperties: { kind: "x" } });
    await sender.sendMessages({ body: "dropped", messageId: "a" });
    const receiver = client.createReceiver("q");
    const message = await one(receiver);
    assert.deepEqual(message.body, { n: 1 });
    assert.equal(message.applicationProperties.kind, "x");
    assert.equal(message.deliveryCount, 0);
    const until = message.lockedUntilUtc;
    assert.ok((await receiver.renewMessageLock(message)) >= until);
    await receiver.completeMessage(message);
    assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 200 }), []);
    await receiver.close();
  },
  async "batch, receive and delete"() {
    const sender = client.createSender("q");
    const batch = await sender.createMessageBatch();
    for (let i = 0; i < 20; i++) assert.ok(batch.tryAddMessage({ body: `b${i}` }));
    await sender.sendMessages(batch);
    const receiver = client.createReceiver("q", { receiveMode: "receiveAndDelete" });
    const got = [];
    while (got.length < 20) got.push(...(await receiver.receiveMessages(20, wait)));
    assert.deepEqual(got.map((m) => m.body), Array.from({ length: 20 }, (_, i) => `b${i}`));
    await receiver.close();
  },
  async "abandon, dead-letter by count, read back"() {
    await client.createSender("q").sendMessages({ body: "poison" });
    const receiver = client.createReceiver("q");
    await receiver.abandonMessage(await one(receiver), { tried: "yes" });
    const again = await one(receiver);
    assert.equal(again.deliveryCount, 1);
    assert.equal(again.applicationProperties.tried, "yes");
    await receiver.abandonMessage(again);
    const dead = client.createReceiver("q", { subQueueType: "deadLetter" });
    const letter = await one(dead);
    assert.equal(letter.deadLetterReason, "MaxDeliveryCountExceeded");
    await dead.completeMessage(letter);
  },
  async "dead-letter with a reason, peek"() {
    await client.createSender("q").sendMessages({ body: "bad" });
    const receiver = client.createReceiver("q");
    const cause = { deadLetterReason: "Bad", deadLetterErrorDescription: "very" };
    await receiver.deadLetterMessage(await one(receiver), cause);
    const dead = client.createReceiver("q", { subQueueType: "deadLetter" });
    const [peeked] = await dead.peekMessages(5);
    assert.equal(peeked.deadLetterReason, "Bad");
    assert.equal(peeked.deadLetterErrorDescription, "very");
    await dead.completeMessage(await one(dead));
    assert.deepEqual(await dead.peekMessages(5), []);
  },
  async "lock lost"() {
    await client.createSender("q").sendMessages({ body: "slow" });
    const receiver = client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 });
    const first = await one(receiver);
    const second = await one(receiver);
    assert.equal(second.sequenceNumber.toString(), first.sequenceNumber.toString());
    await assert.rejects(receiver.completeMessage(first), { code: "MessageLockLost" });
    await receiver.completeMessage(second);
  },
  async "schedule, cancel"() {
    const sender = client.createSender("q");
    const [id] = await sender.scheduleMessages({ body: "never" }, new Date(Date.now() + 3600_000));
    await sender.cancelScheduledMessages(id);
    await sender.scheduleMessages({ body: "soon" }, new Date(Date.now() + 300));
    const receiver = client.createReceiver("q");
    const message = await one(receiver);
    assert.equal(message.body, "soon");
    await receiver.completeMessage(message);
  },
  async "subscribe with automatic renewal"() {
    const receiver = client.createReceiver("q");
    const handled = new Promise((resolve, reject) => {
      receiver.subscribe({
        async processMessage(message) {
          const until = message.lockedUntilUtc.getTime();
          while (message.lockedUntilUtc.getTime() < until + 2000) await new Promise((r) => setTimeout(r, 20));
          resolve(message.deliveryCount);
        },
        async processError(args) { reject(args.error); },
      });
    });
    await client.createSender("q").sendMessages({ body: "long" });
    assert.equal(await handled, 0);
    await receiver.close();
  },
  async "topic with a filter"() {
    await client.createSender("events").sendMessages([
      { body: 1, applicationProperties: { type: "built" } },
      { body: 2, applicationProperties: { type: "other" } },
    ]);
    const all = client.createReceiver("events", "all", { receiveMode: "receiveAndDelete" });
    const got = [await one(all), await one(all)];
    assert.deepEqual(got.map((m) => m.body), [1, 2]);
    const built = client.createReceiver("events", "built", { receiveMode: "receiveAndDelete" });
    assert.equal((await one(built)).body, 1);
    assert.deepEqual(await built.receiveMessages(1, { maxWaitTimeInMs: 200 }), []);
  },
  async "errors"() {
    await assert.rejects(client.createSender("nowhere").sendMessages({ body: 1 }), { code: "MessagingEntityNotFound" });
    const sender = client.createSender("q");
    const tooLarge = { body: randomBytes(300 * 1024) };
    await assert.rejects(sender.sendMessages(tooLarge), { code: "MessageSizeExceeded" });
    await sender.sendMessages({ body: "still works" });
  },
};

const only = process.argv[3];
for (const [name, step] of Object.entries(steps)) {
  if (only && name !== only) continue;
  await step();
  console.log(`ok ${name}`);
}
await client.close();
