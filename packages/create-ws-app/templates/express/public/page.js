const latest = document.querySelector("#latest");
const form = document.querySelector("form");
let socket;

function connect() {
  const url = new URL("/ws/board", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => (latest.textContent = data));
  // The server may have been restarted. Not all pages at once.
  socket.addEventListener("close", () => setTimeout(connect, 500 + Math.random() * 1000));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(form.elements.text.value);
  form.reset();
});

connect();
