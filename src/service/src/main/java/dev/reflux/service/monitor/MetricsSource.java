package dev.reflux.service.monitor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Where the metrics of a job are read: in this process, or from the reporters of a cluster. */
public interface MetricsSource {
    /** One text per process, in Prometheus' format; a process that does not answer is left out. */
    List<String> read();

    /** The reporters of a cluster's processes. */
    static MetricsSource scraping(List<String> urls) {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        List<HttpRequest> requests = urls.stream()
                .map(url -> HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(5))
                        .build())
                .toList();
        return () -> {
            List<String> texts = new ArrayList<>();
            for (HttpRequest request : requests) {
                try {
                    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() == 200) {
                        texts.add(answer.body());
                    }
                } catch (IOException e) {
                    System.getLogger(MetricsSource.class.getName())
                            .log(System.Logger.Level.DEBUG, "no metrics from {0}: {1}", request.uri(), e.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return texts;
                }
            }
            return texts;
        };
    }
}
