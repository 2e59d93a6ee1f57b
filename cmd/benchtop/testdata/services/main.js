// The service computes for every response: rounds of a linear congruence.
const http = require('http');

const rounds = 400000;

http.createServer((request, response) => {
  let x = 1;
  for (let i = 0; i < rounds; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
  }
  response.end(x.toString(16).padStart(8, '0') + '\n');
}).listen(Number(process.argv[2]), '127.0.0.1');
