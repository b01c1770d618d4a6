#!/bin/sh
# Makes message.schema.json, beside this file, from message.ts and Slack's own types. Needs node and npm.
set -eu
TYPES=3.2.0 GENERATOR=2.4.0 TYPESCRIPT=5.9.3
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cp "$here/message.ts" "$place/"
cd "$place"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund \
  "@slack/types@$TYPES" "ts-json-schema-generator@$GENERATOR" "typescript@$TYPESCRIPT"
cat > tsconfig.json <<'END'
{"compilerOptions": {"module": "NodeNext", "moduleResolution": "NodeNext", "strict": true, "types": []},
 "files": ["message.ts"]}
END
./node_modules/.bin/ts-json-schema-generator --path message.ts --tsconfig tsconfig.json --type Message \
  --jsDoc none --out plain.json
COMMENT="made by generate.sh from @slack/types $TYPES with ts-json-schema-generator $GENERATOR" node -e '
  const fs = require("fs"), made = JSON.parse(fs.readFileSync("plain.json"));
  process.stdout.write(JSON.stringify({ $comment: process.env.COMMENT, ...made }, null, 1) + "\n");
' > "$here/message.schema.json"
