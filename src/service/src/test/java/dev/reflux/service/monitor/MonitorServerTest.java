package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflux.jobs.pipeline.MonitorSettings;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.support.TestEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MonitorServerTest {
    private final LiveState state =
            new LiveState(JsonNodeFactory.instance.objectNode().put("pipeline", "demo"));
    private MonitorServer.Health health =
            new MonitorServer.Health(true, List.of(new Readiness.Check("broker", true, "the brokers answer")));

    @Test
    void answers_whenAllIsWell() throws Exception {
        try (MonitorServer server = start("port: 0", Map.of())) {
            HttpResponse<String> metrics = get(server, "metrics");
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body()).isEqualTo("up 1\n");
            assertThat(metrics.headers().firstValue("Content-Type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(get(server, "livez").statusCode()).isEqualTo(200);
            assertThat(get(server, "readyz").body())
                    .contains("\"ready\" : true")
                    .contains("the brokers answer");
            assertThat(get(server, "nothing").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void page_isWholeAndNamesNoOtherHost() throws Exception {
        try (MonitorServer server = start("port: 0", Map.of())) {
            HttpResponse<String> page = get(server, "");
            assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'");
            for (String file : List.of(
                    "page.css",
                    "page.js",
                    "charts.js",
                    "tables.js",
                    "stream.js",
                    "uplot.js",
                    "uplot.css",
                    "icon.svg")) {
                assertThat(page.body()).contains("\"" + file + "\"");
                assertThat(get(server, file).statusCode()).as(file).isEqualTo(200);
            }
            for (String file : List.of("", "page.css", "page.js", "charts.js", "tables.js", "stream.js")) {
                assertThat(get(server, file).body()).doesNotContain("http://").doesNotContain("https://");
            }
        }
    }

    @Test
    void unready_is503AndNamesTheCheck() throws Exception {
        health = new MonitorServer.Health(false, List.of(new Readiness.Check("job", false, "the job does not run")));
        try (MonitorServer server = start("port: 0", Map.of())) {
            assertThat(get(server, "readyz").statusCode()).isEqualTo(503);
            assertThat(get(server, "readyz").body()).contains("the job does not run");
            assertThat(get(server, "livez").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void token_isNeededForAllThatTellsSomething() throws Exception {
        try (MonitorServer server = start("port: 0, token: 'env:TOKEN'", Map.of("TOKEN", "sesame"))) {
            for (String path : List.of("metrics", "readyz", "events")) {
                assertThat(get(server, path).statusCode()).as(path).isEqualTo(401);
                assertThat(get(server, path, "Authorization", "Bearer wrong").statusCode())
                        .isEqualTo(401);
            }
            assertThat(get(server, "metrics", "Authorization", "Bearer sesame").statusCode())
                    .isEqualTo(200);
            assertThat(get(server, "livez").statusCode()).isEqualTo(200);
            assertThat(get(server, "").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void token_thatIsNotThere_isAnError() {
        assertThatThrownBy(() -> start("port: 0, token: 'env:TOKEN'", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("monitor.token")
                .hasMessageContaining("TOKEN");
        assertThatThrownBy(() -> start("port: 0, token: 'env:TOKEN'", Map.of("TOKEN", " ")))
                .hasMessageContaining("is empty");
    }

    @Test
    void otherNames_onLoopback_areRefused() throws Exception {
        try (MonitorServer server = start("port: 0", Map.of())) {
            assertThat(raw(server, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403");
            assertThat(raw(server, "GET /metrics HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
            assertThat(raw(server, "POST /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void port_thatIsTaken_isFollowedByTheNext() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                MonitorServer server = start("port: " + taken.getLocalPort(), Map.of())) {
            assertThat(server.address().getPort()).isGreaterThan(taken.getLocalPort());
        }
    }

    @Test
    void host_thatIsNotThisMachines_saysWhatToSet() {
        assertThatThrownBy(() -> start("host: 192.0.2.1, port: 8474", Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("192.0.2.1")
                .hasMessageContaining("monitor.host");
    }

    @Test
    void events_beginWithASnapshotAndGoOn() throws Exception {
        try (MonitorServer server = start("port: 0", Map.of())) {
            HttpResponse<Stream<String>> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(server.address().resolve("events"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofLines());
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            try (Stream<String> lines = answer.body()) {
                var all = lines.iterator();
                assertThat(all.next()).isEqualTo("event: snapshot");
                assertThat(all.next()).startsWith("data: {\"pipeline\":\"demo\",\"points\":[]");
                assertThat(all.next()).isEmpty();
                ObjectNode letter = JsonNodeFactory.instance.objectNode().put("reason", "not-json");
                state.addLetter(letter);
                assertThat(all.next()).isEqualTo("event: letter");
                assertThat(all.next()).isEqualTo("data: {\"reason\":\"not-json\",\"count\":1}");
            }
        }
    }

    @Test
    void tls_withKeyAndCertificate_speaksHttps(@TempDir Path folder) throws Exception {
        KeyStore store = selfSigned(folder);
        Path certificate = folder.resolve("certificate.pem");
        Path key = folder.resolve("key.pem");
        Files.writeString(
                certificate, pem("CERTIFICATE", store.getCertificate("monitor").getEncoded()));
        Files.writeString(
                key,
                pem(
                        "PRIVATE KEY",
                        store.getKey("monitor", "changeit".toCharArray()).getEncoded()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("monitor", store.getCertificate("monitor"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);

        try (MonitorServer server =
                start("port: 0, tls: { certificate: 'file:" + certificate + "', key: 'file:" + key + "' }", Map.of())) {
            assertThat(server.address().getScheme()).isEqualTo("https");
            assertThat(HttpClient.newBuilder()
                            .sslContext(context)
                            .build()
                            .send(
                                    HttpRequest.newBuilder(server.address().resolve("metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("up 1\n");
        }
    }

    @Test
    void tls_withoutAKey_saysWhatItMustBe(@TempDir Path folder) throws Exception {
        KeyStore store = selfSigned(folder);
        String certificate = pem("CERTIFICATE", store.getCertificate("monitor").getEncoded());
        assertThatThrownBy(() -> PemKeys.context(certificate, "no key"))
                .hasMessageStartingWith("monitor.tls.key: no key found, must be an RSA, EC or Ed25519 key as PKCS#8");
    }

    private static KeyStore selfSigned(Path folder) throws Exception {
        Path file = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "monitor",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                + "-----\n";
    }

    private MonitorServer start(String settings, Map<String, String> environment) throws IOException {
        MonitorSettings monitor = PipelineReader.read(
                        "pipeline: demo\n" + TestEvents.SECTION + "monitor: { " + settings + " }\n")
                .monitor();
        return MonitorServer.start(monitor, environment, state, () -> health, () -> "up 1\n");
    }

    private static HttpResponse<String> get(MonitorServer server, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Java's own client does not let a request lie about its host. */
    private static String raw(MonitorServer server, String request) throws IOException {
        URI address = server.address();
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }
}
