package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MetricsSourceTest {
    @Test
    void scraping_takesWhatAnswersAndLeavesOutWhatDoesNot() throws Exception {
        HttpServer one = server(200, "reflux_batches_total 5\n");
        HttpServer broken = server(500, "reflux_batches_total 7\n");
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        try {
            MetricsSource source = MetricsSource.scraping(List.of(
                    url(broken.getAddress().getPort()),
                    url(nobody),
                    url(one.getAddress().getPort())));

            assertThat(source.read()).containsExactly("reflux_batches_total 5\n");
        } finally {
            one.stop(0);
            broken.stop(0);
        }
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port + "/metrics";
    }

    private static HttpServer server(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }
}
