// The keys of the other names that entities have, names of names among them.
// mode: read
// params: ids LIST<STRING>
// returns: key
CYPHER 25
UNWIND $ids AS id
MATCH (entity:Entity {id: id}) WHERE EXISTS { (entity)<-[:ALIAS_OF]-() }
MATCH (entity)<-[:ALIAS_OF]-+(alias:Alias)
RETURN DISTINCT alias.key AS key
