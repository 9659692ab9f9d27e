package dev.reflux.jobs.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers {@code GET /metrics} on a port of its own, for processes that have no other endpoint. */
final class ScrapeServer implements AutoCloseable {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService executor;

    private ScrapeServer(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /**
     * Listens at the first port that is free.
     *
     * @param ports one, or a range such as {@code 9249-9259}; 0 for any
     */
    static ScrapeServer start(String host, String ports, Supplier<String> scrape) throws IOException {
        HttpServer server = bind(host, ports);
        ExecutorService executor = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "reflux-metrics");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/", exchange -> answer(exchange, scrape));
        server.start();
        return new ScrapeServer(server, executor);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static HttpServer bind(String host, String ports) throws IOException {
        if (!ports.matches("\\d{1,5}(-\\d{1,5})?")) {
            throw new IllegalArgumentException(
                    "port is '" + ports + "', must be a number, or a range such as 9249-9259");
        }
        String[] ends = ports.split("-");
        int last = Integer.parseInt(ends[ends.length - 1]);
        BindException taken = new BindException("no port in " + ports);
        for (int port = Integer.parseInt(ends[0]); port <= last; port++) {
            try {
                return HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0);
            } catch (BindException e) {
                taken = e;
            }
        }
        throw taken;
    }

    private static void answer(HttpExchange exchange, Supplier<String> scrape) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/metrics")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] body = scrape.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
