package dev.reflux.service.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A headless Chromium with one page, driven through its DevTools protocol. */
public final class Chromium implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final String session;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** The browser of this machine; empty when it has none. */
    public static Optional<Path> find() {
        return NAMES.stream()
                .flatMap(
                        name -> List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                                .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param profile folder that the browser may write to */
    public Chromium(Path browser, Path profile) throws Exception {
        this.profile = profile;
        process = new ProcessBuilder(
                        browser.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address(process), new Listener())
                .get(1, TimeUnit.MINUTES);
        String target = call(null, "Target.createTarget", Map.of("url", "about:blank"))
                .path("targetId")
                .asText();
        session = call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Chromium says on its error stream where it listens, and goes on talking. */
    private static URI address(Process process) throws Exception {
        CompletableFuture<URI> found = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    List<String> said = new ArrayList<>();
                    try (BufferedReader lines = new BufferedReader(
                            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            if (line.startsWith("DevTools listening on ")) {
                                found.complete(URI.create(line.substring("DevTools listening on ".length())));
                            } else if (!found.isDone()) {
                                said.add(line);
                            }
                        }
                    } catch (IOException e) {
                        said.add(e.toString());
                    }
                    found.completeExceptionally(new IllegalStateException("Chromium ended: " + said));
                },
                "chromium-output");
        reader.setDaemon(true);
        reader.start();
        return found.get(1, TimeUnit.MINUTES);
    }

    public void open(URI page) throws Exception {
        call("Page.navigate", Map.of("url", page.toString()));
    }

    /** @param scheme {@code light} or {@code dark} */
    public void show(int width, int height, double pixelRatio, String scheme) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", pixelRatio, "mobile", width < 600));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The value of an expression in the page, as JSON. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode answer = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + " failed: " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    public String text(String selector) throws Exception {
        return evaluate("(document.querySelector(" + JSON.writeValueAsString(selector) + ") || {}).textContent || ''")
                .asText();
    }

    /** The whole page, below what fits on the screen too. */
    public void screenshot(Path file) throws Exception {
        JsonNode answer = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(answer.path("data").asText()));
    }

    /** What the page wrote to the console as warnings and errors, exceptions, and requests that failed. */
    public List<String> complaints() {
        return complaints;
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        return call(session, method, parameters);
    }

    private JsonNode call(@Nullable String in, String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (in != null) {
            message.put("sessionId", in);
        }
        socket.sendText(message.toString(), true).get(1, TimeUnit.MINUTES);
        return answer.get(2, TimeUnit.MINUTES);
    }

    private void received(String text) {
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("DevTools sent no JSON", e);
        }
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer =
                    answers.remove(message.path("id").asInt());
            if (message.has("error")) {
                answer.completeExceptionally(
                        new IllegalStateException(message.path("error").toString()));
            } else {
                answer.complete(message.path("result"));
            }
            return;
        }
        JsonNode what = message.path("params");
        switch (message.path("method").asText()) {
            case "Runtime.exceptionThrown" -> complaints.add("exception " + what.path("exceptionDetails"));
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert")
                        .contains(what.path("type").asText())) {
                    complaints.add("console " + what.path("args"));
                }
            }
            case "Log.entryAdded" -> {
                if (List.of("error", "warning")
                        .contains(what.path("entry").path("level").asText())) {
                    complaints.add("log " + what.path("entry").path("text") + " "
                            + what.path("entry").path("url"));
                }
            }
            default -> {
                // of no interest
            }
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder partial = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                String whole = partial.toString();
                partial.setLength(0);
                received(whole);
            }
            from.request(1);
            return null;
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            // links to places outside of the profile, which those who delete it stumble over
            for (String link : List.of("SingletonLock", "SingletonSocket", "SingletonCookie")) {
                Files.deleteIfExists(profile.resolve(link));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
