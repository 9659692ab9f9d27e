package dev.reflux.service.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The live page's files, out of the jars: our own, and the chart library as its own jar packs it. */
final class PageFiles {
    private static final String LIBRARY = "META-INF/resources/webjars/uplot/";
    private static final String LIBRARY_VERSION = "META-INF/maven/org.webjars.npm/uplot/pom.properties";

    private final Map<String, File> files = new HashMap<>();

    /** @param type as HTTP has it */
    record File(String type, byte[] content) {}

    PageFiles() {
        add("/", "index.html", "text/html");
        add("/page.css", "page.css", "text/css");
        for (String script : new String[] {"page.js", "charts.js", "tables.js", "stream.js"}) {
            add("/" + script, script, "text/javascript");
        }
        add("/icon.svg", "icon.svg", "image/svg+xml");
        String dist = LIBRARY + libraryVersion() + "/dist/";
        files.put("/uplot.js", new File("text/javascript", resource("/" + dist + "uPlot.iife.min.js")));
        files.put("/uplot.css", new File("text/css", resource("/" + dist + "uPlot.min.css")));
    }

    private void add(String path, String name, String type) {
        files.put(path, new File(type, resource(name)));
    }

    private static String libraryVersion() {
        Properties properties = new Properties();
        try (InputStream in = PageFiles.class.getResourceAsStream("/" + LIBRARY_VERSION)) {
            if (in == null) {
                throw missing(LIBRARY_VERSION);
            }
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(LIBRARY_VERSION + " cannot be read", e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                throw missing(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }

    private static IllegalStateException missing(String name) {
        return new IllegalStateException("the live page's file " + name + " is not on the class path; build it anew");
    }

    Optional<File> find(String path) {
        return Optional.ofNullable(files.get(path));
    }
}
