package dev.reflux.service.monitor;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.reflux.jobs.pipeline.KeySource;
import dev.reflux.jobs.pipeline.MonitorSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The monitor's HTTP side. With a token, everything that tells anything needs it, but {@code /livez}; the page's files hold
 * no data and ask for it.
 */
final class MonitorServer implements AutoCloseable {
    private static final int PORTS = 10;
    private static final int THREADS = 64;
    private static final int VIEWERS = 32;
    private static final long HEARTBEAT_SECONDS = 10;
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final String scheme;
    private final Optional<String> token;
    private final boolean local;
    private final LiveState state;
    private final Supplier<Health> health;
    private final Supplier<String> scrape;
    private final PageFiles files = new PageFiles();

    /**
     * How the monitored pipeline is.
     *
     * @param live whether the monitor itself works
     */
    record Health(boolean live, List<Readiness.Check> checks) {
        boolean ready() {
            return !checks.isEmpty() && checks.stream().allMatch(Readiness.Check::ok);
        }
    }

    private MonitorServer(
            HttpServer server,
            Optional<String> token,
            LiveState state,
            Supplier<Health> health,
            Supplier<String> scrape) {
        this.server = server;
        this.scheme = server instanceof HttpsServer ? "https" : "http";
        this.token = token;
        this.local = server.getAddress().getAddress().isLoopbackAddress();
        this.state = state;
        this.health = health;
        this.scrape = scrape;
        this.threads = new ThreadPoolExecutor(2, THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "reflux-monitor-http");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Listens.
     *
     * @param environment where token and keys may be
     * @param scrape what {@code /metrics} answers
     * @throws IOException when no port is free, or the address is not this machine's
     * @throws IllegalArgumentException when the token or a key cannot be read
     */
    static MonitorServer start(
            MonitorSettings settings,
            Map<String, String> environment,
            LiveState state,
            Supplier<Health> health,
            Supplier<String> scrape)
            throws IOException {
        KeySource source = settings.token();
        Optional<String> token = source == null
                ? Optional.empty()
                : Optional.of(source.read("monitor.token", environment).strip());
        if (token.isPresent() && token.get().isEmpty()) {
            throw new IllegalArgumentException("monitor.token: the token at " + source + " is empty; write one there");
        }
        MonitorServer server = new MonitorServer(bind(settings, environment), token, state, health, scrape);
        server.open();
        return server;
    }

    private static HttpServer bind(MonitorSettings settings, Map<String, String> environment) throws IOException {
        InetAddress host = InetAddress.getByName(settings.host());
        MonitorSettings.TlsSettings tls = settings.tls();
        int last = settings.port() == 0 ? 0 : Math.min(65535, settings.port() + PORTS - 1);
        for (int port = settings.port(); ; port++) {
            InetSocketAddress address = new InetSocketAddress(host, port);
            try {
                if (tls == null) {
                    return HttpServer.create(address, 0);
                }
                HttpsServer https = HttpsServer.create(address, 0);
                https.setHttpsConfigurator(new HttpsConfigurator(PemKeys.context(
                        tls.certificate().read("monitor.tls.certificate", environment),
                        tls.key().read("monitor.tls.key", environment))));
                return https;
            } catch (BindException e) {
                if (port >= last) {
                    throw new IOException(
                            "the monitor cannot listen at " + settings.host() + ", ports " + settings.port() + " to "
                                    + last
                                    + ": " + e.getMessage() + "; set monitor.host to an address of this machine, or"
                                    + " monitor.port to a free port",
                            e);
                }
            }
        }
    }

    private void open() {
        server.setExecutor((ExecutorService) threads);
        server.createContext("/", guarded(this::file, Access.OPEN));
        server.createContext("/livez", guarded(this::live, Access.OPEN));
        server.createContext("/readyz", guarded(this::ready, Access.TOKEN));
        server.createContext("/metrics", guarded(this::metrics, Access.TOKEN));
        server.createContext("/events", guarded(this::events, Access.TOKEN));
        server.start();
    }

    URI address() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().isAnyLocalAddress()
                ? InetAddress.getLoopbackAddress().getHostAddress()
                : address.getAddress().getHostAddress();
        return URI.create(
                scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "/");
    }

    private enum Access {
        OPEN,
        TOKEN
    }

    private HttpHandler guarded(HttpHandler handler, Access access) {
        return exchange -> {
            try (exchange) {
                Headers headers = exchange.getResponseHeaders();
                headers.set("Content-Security-Policy", POLICY);
                headers.set("X-Content-Type-Options", "nosniff");
                headers.set("Referrer-Policy", "no-referrer");
                headers.set("Cache-Control", "no-cache");
                if (!exchange.getRequestMethod().equals("GET")
                        && !exchange.getRequestMethod().equals("HEAD")) {
                    headers.set("Allow", "GET, HEAD");
                    answer(exchange, 405, "text/plain", "only GET is answered here\n");
                } else if (!isAddressedTo(exchange)) {
                    answer(exchange, 403, "text/plain", "this monitor answers to localhost only\n");
                } else if (access == Access.TOKEN && !bearsToken(exchange)) {
                    headers.set("WWW-Authenticate", "Bearer");
                    answer(exchange, 401, "text/plain", "a bearer token is needed here\n");
                } else {
                    handler.handle(exchange);
                }
            }
        };
    }

    /** On loopback a page of another site could otherwise ask under its own name, made to point here. */
    private boolean isAddressedTo(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        if (!local || host == null) {
            return true;
        }
        String name = host.replaceFirst(":\\d+$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.\\d{1,3}){3}");
    }

    private boolean bearsToken(HttpExchange exchange) {
        if (token.isEmpty()) {
            return true;
        }
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        return given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8),
                        ("Bearer " + token.get()).getBytes(StandardCharsets.UTF_8));
    }

    private void file(HttpExchange exchange) throws IOException {
        Optional<PageFiles.File> file = files.find(exchange.getRequestURI().getPath());
        if (file.isEmpty()) {
            answer(exchange, 404, "text/plain", "there is /, /metrics, /livez and /readyz\n");
            return;
        }
        answer(exchange, 200, file.get().type(), file.get().content());
    }

    private void live(HttpExchange exchange) throws IOException {
        boolean live = health.get().live();
        answer(exchange, live ? 200 : 503, "text/plain", live ? "ok\n" : "the monitor itself is stuck\n");
    }

    private void ready(HttpExchange exchange) throws IOException {
        Health now = health.get();
        String json = Readiness.json(now.checks()).put("ready", now.ready()).toPrettyString();
        answer(exchange, now.ready() ? 200 : 503, "application/json", json + "\n");
    }

    private void metrics(HttpExchange exchange) throws IOException {
        answer(exchange, 200, METRICS_TYPE, scrape.get());
    }

    /** Server-sent events, until the viewer goes or does not keep up. */
    private void events(HttpExchange exchange) throws IOException {
        if (state.subscribers() >= VIEWERS) {
            answer(exchange, 503, "text/plain", "too many are watching\n");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        try (LiveState.Subscription subscription = state.subscribe()) {
            while (subscription.isOpen()) {
                LiveState.Event event = subscription.queue().poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
                String text =
                        event == null ? ": alive\n\n" : "event: " + event.name() + "\ndata: " + event.data() + "\n\n";
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        answer(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        String full = type.startsWith("text/") && !type.contains("charset") ? type + "; charset=utf-8" : type;
        exchange.getResponseHeaders().set("Content-Type", full);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
