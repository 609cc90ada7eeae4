// For the health check of the container: anything but an error will do, because not every application has a page.
const port = process.env.PORT ?? 8080;
const { status } = await fetch(`http://localhost:${port}/`).catch(() => ({ status: 500 }));
process.exitCode = status < 500 ? 0 : 1;
