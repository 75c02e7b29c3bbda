package dev.weir.feature;

import dev.weir.artifact.DatasetName;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.pipeline.RunParams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.analysis.NameParameterizedQuery$;
import org.apache.spark.sql.catalyst.analysis.NamedParameter;
import org.apache.spark.sql.catalyst.analysis.PlanWithUnresolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.CTERelationRef;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.CompoundBody;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.OneRowRelation;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.Range;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnionLoopRef;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import scala.Option;
import scala.Tuple3;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One SQL query over named datasets and nothing else. Names are put in place in the parsed query,
 * since a temporary view can't be called {@code credit.clean} and would outlive the query.
 */
final class Query {
  private final SparkSession spark;
  private final String where;
  private final String text;
  private final RunParams params;
  private final Set<String> asked = new TreeSet<>();
  private final Map<DatasetName, Dataset<Row>> inputs;
  private final Map<List<String>, LogicalPlan> visible = new HashMap<>();
  private final Set<String> ambiguous = new HashSet<>();

  /**
   * @param where where the text stands, for messages
   * @param params values for {@code :name}; only those that the text names are asked for
   */
  Query(
      SparkSession spark,
      String where,
      String text,
      RunParams params,
      Map<DatasetName, Dataset<Row>> inputs) {
    this.spark = spark;
    this.where = where;
    this.text = text;
    this.params = params;
    this.inputs = inputs;
    inputs.forEach(
        (name, rows) -> {
          LogicalPlan plan = ((org.apache.spark.sql.classic.Dataset<Row>) rows).logicalPlan();
          visible.put(
              List.of(name.namespace(), name.name()), alias(name.name(), name.namespace(), plan));
          visible.put(
              List.of(name.namespace() + "_" + name.name()),
              alias(name.namespace() + "_" + name.name(), null, plan));
        });
    inputs.forEach(
        (name, rows) -> {
          List<String> shortName = List.of(name.name());
          boolean alone =
              inputs.keySet().stream().filter(n -> n.name().equals(name.name())).count() == 1;
          if (!alone) {
            ambiguous.add(name.name());
          } else if (!visible.containsKey(shortName)) {
            LogicalPlan plan = ((org.apache.spark.sql.classic.Dataset<Row>) rows).logicalPlan();
            visible.put(shortName, alias(name.name(), null, plan));
          }
        });
  }

  /** The query's result, analysed and not yet run. */
  Dataset<Row> rows() {
    org.apache.spark.sql.classic.SparkSession session =
        (org.apache.spark.sql.classic.SparkSession) spark;
    try {
      LogicalPlan parsed = session.sessionState().sqlParser().parsePlan(text);
      requireQuery(parsed);
      Dataset<Row> rows =
          org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(
              session, withParameters(bind(parsed, Set.of())));
      requireDeclared(((org.apache.spark.sql.classic.Dataset<Row>) rows).logicalPlan());
      return rows;
    } catch (WeirException e) {
      throw e;
    } catch (Exception e) {
      // Spark's exceptions are checked, and Scala declares none.
      throw SqlErrors.of(where, e, params.names());
    }
  }

  private LogicalPlan withParameters(LogicalPlan plan) {
    asked.retainAll(params.names());
    if (asked.isEmpty()) {
      return plan;
    }
    Map<String, Expression> literals = new HashMap<>();
    asked.forEach(name -> literals.put(name, Literal$.MODULE$.apply(params.get(name))));
    // Delta's parser knows no parameters at parsing, so the analyser binds them.
    return NameParameterizedQuery$.MODULE$.apply(
        plan, scala.collection.immutable.Map$.MODULE$.from(CollectionConverters.asScala(literals)));
  }

  private static SubqueryAlias alias(
      String name, @org.jspecify.annotations.Nullable String namespace, LogicalPlan plan) {
    List<String> qualifier = namespace == null ? List.of() : List.of(namespace);
    return new SubqueryAlias(
        new AliasIdentifier(name, CollectionConverters.asScala(qualifier).toSeq()), plan);
  }

  private void requireQuery(LogicalPlan plan) {
    if (plan instanceof Command
        || plan instanceof ParsedStatement
        || plan instanceof CompoundBody) {
      throw WeirException.user(
          "not-a-query",
          "%s is not a query but %s.".formatted(where, plan.nodeName()),
          "Write one SELECT; a stage writes only its output.");
    }
    children(plan).forEach(this::requireQuery);
  }

  /** Puts the inputs in the place of their names. */
  private LogicalPlan bind(LogicalPlan plan, Set<String> local) {
    if (plan instanceof UnresolvedRelation relation) {
      return input(relation, local);
    }
    if (plan instanceof PlanWithUnresolvedIdentifier) {
      throw WeirException.user(
          "undeclared-input",
          "%s: IDENTIFIER names a table that the stage does not declare.".formatted(where),
          "Write the name of an input instead.");
    }
    if (plan instanceof UnresolvedTableValuedFunction function) {
      requireHarmless(function);
    }
    if (plan instanceof UnresolvedWith with) {
      return bindWith(with, local);
    }
    LogicalPlan bound = plan.mapChildren(child -> bind(child, local));
    return bound.mapExpressions(expression -> bind(expression, local));
  }

  private Expression bind(Expression expression, Set<String> local) {
    if (expression instanceof NamedParameter parameter) {
      asked.add(parameter.name());
    }
    Expression bound = expression.mapChildren(child -> bind(child, local));
    if (bound instanceof SubqueryExpression subquery) {
      return subquery.withNewPlan(bind(subquery.plan(), local));
    }
    return bound;
  }

  private LogicalPlan bindWith(UnresolvedWith with, Set<String> local) {
    Set<String> scope = new HashSet<>(local);
    List<Tuple3<String, SubqueryAlias, Option<Object>>> relations = new ArrayList<>();
    for (Tuple3<String, SubqueryAlias, Option<Object>> relation :
        CollectionConverters.asJava(with.cteRelations())) {
      Set<String> inner = new HashSet<>(scope);
      if (with.allowRecursion()) {
        inner.add(relation._1().toLowerCase(Locale.ROOT));
      }
      relations.add(
          new Tuple3<>(relation._1(), (SubqueryAlias) bind(relation._2(), inner), relation._3()));
      scope.add(relation._1().toLowerCase(Locale.ROOT));
    }
    return new UnresolvedWith(
        bind(with.child(), scope),
        CollectionConverters.asScala(relations).toSeq(),
        with.allowRecursion());
  }

  private LogicalPlan input(UnresolvedRelation relation, Set<String> local) {
    List<String> parts =
        CollectionConverters.asJava(relation.multipartIdentifier()).stream()
            .map(part -> part.toLowerCase(Locale.ROOT))
            .toList();
    if (parts.size() == 1 && local.contains(parts.get(0))) {
      return relation;
    }
    LogicalPlan plan = visible.get(parts);
    if (plan != null) {
      return plan;
    }
    String name = String.join(".", CollectionConverters.asJava(relation.multipartIdentifier()));
    Object line = relation.origin().line().isDefined() ? relation.origin().line().get() : "?";
    if (parts.size() == 1 && ambiguous.contains(parts.get(0))) {
      throw WeirException.user(
          "ambiguous-input",
          "%s, line %s: several inputs are called '%s'.".formatted(where, line, name),
          "Write the whole name: "
              + String.join(
                  " or ",
                  inputs.keySet().stream()
                      .filter(input -> input.name().equals(parts.get(0)))
                      .map(DatasetName::toString)
                      .toList())
              + ".");
    }
    List<String> declared = inputs.keySet().stream().map(DatasetName::toString).toList();
    List<String> known = visible.keySet().stream().map(n -> String.join(".", n)).toList();
    throw WeirException.user(
        "undeclared-input",
        "%s, line %s: it reads '%s', which the stage does not declare%s Declared are %s."
            .formatted(
                where,
                line,
                name,
                Nearest.ending(name, known),
                declared.isEmpty() ? "none" : String.join(", ", declared)),
        "Correct the name or add it to from; files are read by an ingest stage.");
  }

  private void requireHarmless(UnresolvedTableValuedFunction function) {
    String name = String.join(".", CollectionConverters.asJava(function.name()));
    if (name.toLowerCase(Locale.ROOT).startsWith("table_changes")) {
      throw WeirException.user(
          "undeclared-input",
          "%s: %s reads a table that the stage does not declare.".formatted(where, name),
          "Read only what from declares.");
    }
  }

  /** Checks that all that is read after analysis is what was put there. */
  private void requireDeclared(LogicalPlan analysed) {
    List<LogicalPlan> given = new ArrayList<>();
    visible.values().forEach(plan -> leaves(plan, given));
    List<LogicalPlan> found = new ArrayList<>();
    leaves(analysed, found);
    for (LogicalPlan leaf : found) {
      boolean constant =
          leaf instanceof OneRowRelation
              || leaf instanceof LocalRelation
              || leaf instanceof Range
              || leaf instanceof CTERelationRef
              || leaf instanceof UnionLoopRef;
      if (!constant && given.stream().noneMatch(leaf::sameResult)) {
        throw WeirException.user(
            "undeclared-input",
            "%s: it reads something that the stage does not declare: %s."
                .formatted(where, leaf.simpleStringWithNodeId()),
            "Read only what from declares.");
      }
    }
  }

  private static void leaves(LogicalPlan plan, List<LogicalPlan> found) {
    List<LogicalPlan> children = children(plan);
    if (children.isEmpty()) {
      found.add(plan);
    }
    children.forEach(child -> leaves(child, found));
    CollectionConverters.asJava(plan.subqueries()).forEach(sub -> leaves(sub, found));
  }

  private static List<LogicalPlan> children(LogicalPlan plan) {
    return CollectionConverters.asJava(plan.children());
  }
}
