package dev.reflux.service.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A Prometheus of its own, from the system or from Debian's package, unpacked beside the build. */
final class Prometheus implements AutoCloseable {

    private static final Path PACKAGE = Path.of("target", "prometheus").toAbsolutePath();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI address;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();

    private Prometheus(Process process, URI address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** The program {@code prometheus} or {@code promtool}; a test that needs it is left out, and says why, without. */
    static Path program(String name) throws Exception {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path found = Path.of(folder).resolve(name);
            if (Files.isExecutable(found)) {
                return found;
            }
        }
        Path unpacked = PACKAGE.resolve("usr/bin").resolve(name);
        if (!Files.isExecutable(unpacked)) {
            Files.createDirectories(PACKAGE);
            run("apt-get", "download", "prometheus");
            try (Stream<Path> files = Files.list(PACKAGE)) {
                Path found = files.filter(path -> path.toString().endsWith(".deb"))
                        .findFirst()
                        .orElseThrow();
                run("dpkg", "-x", found.toString(), PACKAGE.toString());
            }
        }
        return unpacked;
    }

    private static void run(String... command) throws InterruptedException {
        String said;
        try {
            Process process = new ProcessBuilder(command)
                    .directory(PACKAGE.toFile())
                    .redirectErrorStream(true)
                    .start();
            said = process.inputReader().lines().collect(Collectors.joining("\n"));
            if (process.waitFor() == 0) {
                return;
            }
        } catch (IOException e) {
            said = e.toString();
        }
        Assumptions.abort("there is no prometheus on the PATH, and `" + String.join(" ", command)
                + "` could not get Debian's package: " + said);
    }

    /** Starts one that scrapes these addresses each second, as job {@code reflux}. */
    static Prometheus start(Path folder, List<String> targets, Path rules) throws Exception {
        Path program = program("prometheus");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path configuration = Files.writeString(folder.resolve("prometheus.yml"), """
                global: { scrape_interval: 1s, evaluation_interval: 1s }
                rule_files: [ "%s" ]
                scrape_configs:
                  - job_name: reflux
                    static_configs: [ { targets: [ %s ] } ]
                """.formatted(
                rules, targets.stream().map(target -> '"' + target + '"').collect(Collectors.joining(", "))));
        Path log = folder.resolve("prometheus.log");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("series"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Prometheus(process, URI.create("http://127.0.0.1:" + port), log);
    }

    /** Whether it answers yet. */
    boolean isReady() throws Exception {
        if (!process.isAlive()) {
            throw new IllegalStateException("prometheus ended: " + Files.readString(log));
        }
        try {
            return client.send(
                                    HttpRequest.newBuilder(address.resolve("/-/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** The answer to an expression, which has {@code status}, and {@code data} or {@code error}. */
    JsonNode query(String expression) throws Exception {
        return get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    }

    JsonNode get(String path) throws Exception {
        return JSON.readTree(
                client.send(HttpRequest.newBuilder(address.resolve(path)).build(), HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
