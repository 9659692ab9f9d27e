package dev.reflux.jobs.pipeline.options;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a record of options from a file, the environment and flags, of which the later win.
 *
 * @param <T> the record
 */
public final class OptionReader<T extends Record> {

    private final Class<T> type;
    private final String prefix;
    private final Map<Class<?>, Catalog<?>> catalogs = new HashMap<>();

    /** @param prefix first word of the environment variables */
    public OptionReader(Class<T> type, String prefix, List<Catalog<?>> catalogs) {
        this.type = type;
        this.prefix = prefix;
        catalogs.forEach(catalog -> this.catalogs.put(catalog.type(), catalog));
    }

    /**
     * @param source name of the file, for errors
     * @param yaml text of the file
     * @param flags each {@code PATH=VALUE}
     * @throws InvalidOptionsException with everything that is wrong
     */
    public T read(String source, String yaml, Map<String, String> environment, List<String> flags) {
        List<Problem> problems = new ArrayList<>();
        YamlNode file = YamlTree.file(source, yaml, problems);
        if (!problems.isEmpty()) {
            throw new InvalidOptionsException(problems);
        }
        if (file instanceof YamlNode.Nothing) {
            file = YamlNode.Mapping.empty(file.origin());
        }
        if (!(file instanceof YamlNode.Mapping root)) {
            throw new InvalidOptionsException(List.of(new Problem(
                    file.origin(), "", file.inWords() + " found, must be a mapping, such as 'key: value'")));
        }
        Overrides overrides = new Overrides(catalogs, type, root, problems);
        overrides.environment(prefix, environment);
        flags.forEach(overrides::flag);
        Object bound = new Binder(catalogs, root, problems).bind(type);
        if (!problems.isEmpty() || bound == null) {
            throw new InvalidOptionsException(inOrder(problems));
        }
        return type.cast(bound);
    }

    /** A default is only wrong where something that it refers to is. */
    private static List<Problem> inOrder(List<Problem> problems) {
        List<Problem> written = new ArrayList<>(problems.stream()
                .filter(problem -> problem.origin() != Origin.DEFAULT)
                .toList());
        if (written.isEmpty()) {
            return problems;
        }
        written.sort(Comparator.comparingInt(problem -> problem.origin().line() == 0
                ? Integer.MAX_VALUE
                : problem.origin().line()));
        return written;
    }
}
