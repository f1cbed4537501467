import '../knowledge/knowledge-app.js';
