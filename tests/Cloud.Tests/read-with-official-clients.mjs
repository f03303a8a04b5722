// Reads with Microsoft's own JavaScript clients what the stores wrote: node FILE CONNECTION MODEL TARGET ENGINE_KEY
import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";

const [connection, model, target, engineKey] = process.argv.slice(2);

const table = (name) => TableClient.fromConnectionString(connection, name, { allowInsecureConnection: true });
const documentOf = (row) => {
  const names = Object.keys(row).filter((n) => n.startsWith("Document")).sort();
  return JSON.parse(Buffer.concat(names.map((n) => row[n])).toString("utf8"));
};
const blobs = BlobServiceClient.fromConnectionString(connection);
const textOf = async (container, path) =>
  (await blobs.getContainerClient(container).getBlobClient(path).downloadToBuffer()).toString("utf8");

const version = await table("Models").getEntity(model, "version|1");
const head = await table("Models").getEntity(model, "head");
const route = await table("Routes").getEntity(target, `route|${model}`);
const rows = [];
for await (const row of table("Routes").listEntities({ queryOptions: { filter: `PartitionKey eq '${target}'` } })) {
  rows.push(row.rowKey);
}
const envelope = JSON.parse(await textOf("routes", `${target}.json`));
const snapshot = JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8"));
const manifest = JSON.parse(await textOf("engines", `${engineKey}/manifest.json`));

console.log(JSON.stringify({
  state: version.State,
  open: version.Open,
  number: version.AcceptanceNumber.toString(),
  reasonLength: documentOf(version).stateReason.length,
  nextNumber: head.NextNumber.toString(),
  stable: documentOf(route).route.stable.version,
  rows,
  payloadType: envelope.payloadType,
  revision: snapshot.revision,
  engine: await textOf("engines", `${engineKey}/${manifest.engineDigest}.engine`),
}));
