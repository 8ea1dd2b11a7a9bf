// A client in Node that shares no code with the server: HTTP/2, TLS and protobuf from the committed
// descriptor set alone.
//
//   node node_client.mjs DESCRIPTORS ADDRESS CA CERT KEY Service/Method JSON
//
// Prints each answer as JSON; a status that is not OK goes to standard error, with exit code 1.
import { readFileSync } from "node:fs";
import { connect } from "node:http2";

const PACKAGE = "riskengine.api.v1";
const [descriptors, address, ca, cert, key, method, json] = process.argv.slice(2);

const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
const TYPE = {
  INT64: 3, UINT64: 4, INT32: 5, BOOL: 8, STRING: 9, MESSAGE: 11, BYTES: 12, UINT32: 13, ENUM: 14,
  SINT32: 17, SINT64: 18,
};
const WIDE = new Set([TYPE.INT64, TYPE.UINT64, TYPE.SINT64]);
const ZIGZAG = new Set([TYPE.SINT32, TYPE.SINT64]);
const NUMBERS = new Set([...WIDE, ...ZIGZAG, TYPE.INT32, TYPE.UINT32, TYPE.BOOL, TYPE.ENUM]);

/** Yield number and value of each field of a message, a varint as BigInt. */
function* fieldsOf(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    if (wire === VARINT) yield [tag >> 3, varint()];
    else if (wire === BYTES) {
      const length = Number(varint());
      yield [tag >> 3, bytes.subarray(at, (at += length))];
    } else if (wire === FIXED64) yield [tag >> 3, bytes.subarray(at, (at += 8))];
    else if (wire === FIXED32) yield [tag >> 3, bytes.subarray(at, (at += 4))];
    else throw new Error(`wire type ${wire}`);
  }
}

const all = (bytes, number) => [...fieldsOf(bytes)].filter(([n]) => n === number).map(([, v]) => v);
const text = (bytes, number) => String(all(bytes, number)[0] ?? "");
const integer = (bytes, number) => Number(all(bytes, number)[0] ?? 0n);
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** Read the descriptor set: messages and enums by name, methods by Service/Method. */
function readContract(bytes) {
  const messages = {}, enums = {}, methods = {};
  const addMessage = (scope, message) => {
    const name = `${scope}.${text(message, 1)}`;
    messages[name] = all(message, 2).map((field) => ({
      name: camel(text(field, 1)),
      number: integer(field, 3),
      isRepeated: integer(field, 4) === 3,
      type: integer(field, 5),
      typeName: text(field, 6),
    }));
    all(message, 3).forEach((nested) => addMessage(name, nested));
    all(message, 4).forEach((nested) => addEnum(name, nested));
  };
  const addEnum = (scope, found) => {
    enums[`${scope}.${text(found, 1)}`] = all(found, 2).map((v) => [text(v, 1), integer(v, 2)]);
  };
  for (const file of all(bytes, 1)) {
    const scope = `.${text(file, 2)}`;
    all(file, 4).forEach((message) => addMessage(scope, message));
    all(file, 5).forEach((found) => addEnum(scope, found));
    for (const service of all(file, 6))
      for (const rpc of all(service, 2))
        methods[`${text(service, 1)}/${text(rpc, 1)}`] = {
          asked: text(rpc, 2),
          answer: text(rpc, 3),
        };
  }
  return { messages, enums, methods };
}

const contract = readContract(readFileSync(descriptors));

function varint(value) {
  const bytes = [];
  for (let left = BigInt.asUintN(64, value); ; left >>= 7n) {
    if (left < 128n) return Buffer.from([...bytes, Number(left)]);
    bytes.push(Number(left & 127n) | 128);
  }
}

function number(field, value) {
  if (ZIGZAG.has(field.type)) return varint((BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  if (field.type !== TYPE.ENUM) return varint(BigInt(value));
  return varint(BigInt(contract.enums[field.typeName].find(([name]) => name === value)[1]));
}

const delimited = (field, bytes) =>
  Buffer.concat([varint(BigInt((field.number << 3) | BYTES)), varint(BigInt(bytes.length)), bytes]);

function encode(typeName, value) {
  const parts = [];
  for (const [name, given] of Object.entries(value)) {
    const field = contract.messages[typeName].find((one) => one.name === camel(name));
    if (field === undefined) throw new Error(`${typeName} has no ${name}`);
    const values = field.isRepeated ? given : [given];
    if (NUMBERS.has(field.type) && field.isRepeated)
      parts.push(delimited(field, Buffer.concat(values.map((one) => number(field, one)))));
    else if (NUMBERS.has(field.type))
      parts.push(varint(BigInt(field.number << 3)), number(field, given));
    else if (field.type === TYPE.MESSAGE)
      values.forEach((one) => parts.push(delimited(field, encode(field.typeName, one))));
    else if (field.type === TYPE.STRING)
      values.forEach((one) => parts.push(delimited(field, Buffer.from(one))));
    else throw new Error(`${typeName}.${name} is of type ${field.type}`);
  }
  return Buffer.concat(parts);
}

function shown(field, value) {
  if (field.type === TYPE.MESSAGE) return decode(field.typeName, value);
  if (field.type === TYPE.STRING) return value.toString();
  if (field.type === TYPE.BOOL) return value !== 0n;
  if (field.type === TYPE.ENUM)
    return contract.enums[field.typeName].find(([, known]) => BigInt(known) === value)[0];
  if (field.type === TYPE.BYTES) return value.toString("base64");
  if (ZIGZAG.has(field.type)) value = (value >> 1n) ^ -(value & 1n);
  const signed = field.type === TYPE.UINT64 ? value : BigInt.asIntN(64, value);
  return WIDE.has(field.type) ? String(signed) : Number(signed);
}

function decode(typeName, bytes) {
  const found = {};
  for (const [at, value] of fieldsOf(bytes)) {
    const field = contract.messages[typeName].find((one) => one.number === at);
    if (!field.isRepeated) found[field.name] = shown(field, value);
    else {
      const isPacked = NUMBERS.has(field.type) && typeof value !== "bigint";
      const values = isPacked ? packed(value) : [value];
      (found[field.name] ??= []).push(...values.map((one) => shown(field, one)));
    }
  }
  return found;
}

function packed(bytes) {
  // Each varint as the field 1 of a message of its own.
  const values = [];
  for (let begin = 0, at = 0; at < bytes.length; at++)
    if (bytes[at] < 128) {
      values.push(all(Buffer.concat([Buffer.from([8]), bytes.subarray(begin, at + 1)]), 1)[0]);
      begin = at + 1;
    }
  return values;
}

const { asked, answer } = contract.methods[method];
const message = encode(asked, JSON.parse(json));
const head = Buffer.alloc(5);
head.writeUInt32BE(message.length, 1);
const [pemCa, pemCert, pemKey] = [ca, cert, key].map((path) => readFileSync(path));
const session = connect(`https://${address}`, { ca: pemCa, cert: pemCert, key: pemKey });
const fail = (what) => {
  console.error(JSON.stringify(what));
  process.exit(1);
};
const unavailable = (error) => fail({ status: "UNAVAILABLE", message: error.message });
session.on("error", unavailable);
const stream = session.request({
  ":method": "POST",
  ":path": `/${PACKAGE}.${method}`,
  "content-type": "application/grpc",
  te: "trailers",
});
stream.on("error", unavailable);
let rest = Buffer.alloc(0);
let ended = {};
stream.on("response", (headers) => Object.assign(ended, headers));
stream.on("trailers", (trailers) => Object.assign(ended, trailers));
stream.on("data", (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
    const end = 5 + rest.readUInt32BE(1);
    console.log(JSON.stringify(decode(answer, rest.subarray(5, end)), null, 2));
    rest = rest.subarray(end);
  }
});
stream.on("close", () => {
  session.close();
  if (ended["grpc-status"] === undefined) unavailable(new Error("the connection was closed"));
  const message = decodeURIComponent(ended["grpc-message"] ?? "");
  if (ended["grpc-status"] !== "0") fail({ status: Number(ended["grpc-status"]), message });
});
stream.end(Buffer.concat([head, message]));
