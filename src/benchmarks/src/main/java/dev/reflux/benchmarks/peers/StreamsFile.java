package dev.reflux.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code streams.json} in a folder of streams says of each {@code NAME.csv.gz} beside it: above all, what others reach. */
record StreamsFile(Map<String, List<Peer>> peers) {

    StreamsFile {
        peers = new LinkedHashMap<>(peers);
    }

    /**
     * A learner's prequential accuracy.
     *
     * @param rows first events of the stream that it is of
     * @param accuracy in [0, 1]
     */
    record Peer(String learner, int rows, double accuracy) {}

    static StreamsFile read(Path folder) throws IOException {
        Path file = folder.resolve("streams.json");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(folder
                    + ": no streams.json found; give a folder of NAME.csv.gz and the streams.json that lists them");
        }
        Map<String, List<Peer>> peers = new LinkedHashMap<>();
        for (JsonNode stream : new ObjectMapper().readTree(file.toFile())) {
            List<Peer> list = new ArrayList<>();
            for (JsonNode peer : stream.path("baselines")) {
                list.add(new Peer(
                        peer.path("learner").asText().replaceAll(" \\(.*\\)", ""),
                        peer.path("rows").asInt(),
                        peer.path("accuracy").asDouble() / 100));
            }
            peers.put(stream.path("stream").asText(), list);
        }
        return new StreamsFile(peers);
    }

    /** The most accurate of those that saw no more than the first so many events of a stream. */
    Optional<Peer> best(String stream, int rows) {
        return peers.getOrDefault(stream, List.of()).stream()
                .filter(peer -> peer.rows() <= rows)
                .max(Comparator.comparingDouble(Peer::accuracy));
    }
}
